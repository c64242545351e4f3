package io.github.oauth2pkce.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.ConfigurableApplicationContext;

/** A caller as plain as {@code curl}: it sends only the headers that a test names. */
public final class Http {

	private final int port;

	private Http(int port) {
		this.port = port;
	}

	public static Http of(ConfigurableApplicationContext context) {
		return new Http(context.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
	}

	public Response get(String path) {
		return exchange("GET", path, null);
	}

	public Response post(String path) {
		return exchange("POST", path, null);
	}

	public Response post(String path, String json) {
		return exchange("POST", path, json);
	}

	public Response delete(String path) {
		return exchange("DELETE", path, null);
	}

	/** By the port for management. */
	public static Http ofManagement(ConfigurableApplicationContext context) {
		return new Http(context.getEnvironment().getRequiredProperty("local.management.port", Integer.class));
	}

	public int port() {
		return this.port;
	}

	/**
	 * With headers as a browser would send them.
	 * @param headers whole lines; {@code Host} takes the place of ours
	 */
	public Response send(String method, String path, String... headers) {
		return exchange(method, path, null, headers);
	}

	private Response exchange(String method, String path, @Nullable String json, String... headers) {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.port)) {
			socket.setSoTimeout(20_000);
			StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.0\r\n");
			if (Stream.of(headers).noneMatch((header) -> header.startsWith("Host:"))) {
				request.append("Host: localhost:" + this.port + "\r\n");
			}
			Stream.of(headers).forEach((header) -> request.append(header).append("\r\n"));
			request.append("Accept: */*\r\nConnection: close\r\n");
			if (json != null) {
				request.append("Content-Type: application/json\r\nContent-Length: ")
					.append(json.length())
					.append("\r\n");
			}
			request.append("\r\n").append((json != null) ? json : "");
			OutputStream out = socket.getOutputStream();
			out.write(request.toString().getBytes(StandardCharsets.UTF_8));
			out.flush();
			String response = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			int end = response.indexOf("\r\n\r\n");
			return new Response(Integer.parseInt(response.substring(9, 12)), response.substring(end + 4));
		}
		catch (IOException ex) {
			throw new AssertionError(method + " " + path + " failed", ex);
		}
	}

	public record Response(int status, String body) {

		@SuppressWarnings("unchecked")
		public Map<String, Object> json() {
			return (Map<String, Object>) JsonMapper.shared().readValue(this.body, Map.class);
		}

		@SuppressWarnings("unchecked")
		public Map<String, Object> object(String name) {
			Object value = json().get(name);
			return (value != null) ? (Map<String, Object>) value : Map.of();
		}

		public List<?> list(String name) {
			Object value = json().get(name);
			return (value != null) ? (List<?>) value : List.of();
		}

	}

}
