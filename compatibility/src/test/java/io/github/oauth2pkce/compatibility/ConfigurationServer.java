package io.github.oauth2pkce.compatibility;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import tools.jackson.databind.json.JsonMapper;

/** What a configuration server says: the same properties to every application. */
final class ConfigurationServer implements AutoCloseable {

	private final Map<String, String> properties = new ConcurrentHashMap<>();

	private final HttpServer server;

	ConfigurationServer() {
		try {
			this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.server.createContext("/", this::answer);
		this.server.start();
	}

	void set(String property, Object value) {
		this.properties.put(property, value.toString());
	}

	String location() {
		return "configserver:http://127.0.0.1:" + this.server.getAddress().getPort();
	}

	private void answer(HttpExchange exchange) throws IOException {
		byte[] body = JsonMapper.shared()
			.writeValueAsString(Map.of("name", "application", "profiles", new String[] { "default" }, "propertySources",
					new Object[] { Map.of("name", "of-everybody", "source", new TreeMap<>(this.properties)) }))
			.getBytes(StandardCharsets.UTF_8);
		exchange.getResponseHeaders().set("Content-Type", "application/json");
		exchange.sendResponseHeaders(200, body.length);
		try (OutputStream out = exchange.getResponseBody()) {
			out.write(body);
		}
	}

	@Override
	public void close() {
		this.server.stop(0);
	}

}
