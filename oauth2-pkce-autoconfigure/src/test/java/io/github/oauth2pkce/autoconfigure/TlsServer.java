package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.TestKeys;

/** An HTTPS server on 127.0.0.1 that can come back with another certificate. */
final class TlsServer implements AutoCloseable {

	private final List<String> clients = new CopyOnWriteArrayList<>();

	private final List<Integer> connections = new CopyOnWriteArrayList<>();

	private final @Nullable FakeAuthorizationServer behind;

	private HttpsServer server;

	TlsServer(TestKeys keys) {
		this.behind = null;
		this.server = start(0, keys, null);
	}

	/**
	 * Ends TLS before an authorization server, and tells it who the client is.
	 * @param keys its own
	 * @param client the only client that it lets in
	 * @param behind what answers
	 */
	TlsServer(TestKeys keys, TestKeys client, FakeAuthorizationServer behind) {
		this.behind = behind;
		this.server = start(0, keys, client);
	}

	/**
	 * Comes back on the same port with another certificate.
	 * @param keys its own
	 * @param client the only client that it lets in, {@code null} if all
	 */
	void restart(TestKeys keys, @Nullable TestKeys client) {
		int port = this.server.getAddress().getPort();
		this.server.stop(0);
		this.server = start(port, keys, client);
	}

	private HttpsServer start(int port, TestKeys keys, @Nullable TestKeys client) {
		try {
			HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 0);
			server.setHttpsConfigurator(new HttpsConfigurator(keys.context(client)) {

				@Override
				public void configure(HttpsParameters parameters) {
					SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
					ssl.setNeedClientAuth(client != null);
					parameters.setSSLParameters(ssl);
				}

			});
			server.createContext("/", this::answer);
			server.start();
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void answer(HttpExchange exchange) throws IOException {
		this.connections.add(exchange.getRemoteAddress().getPort());
		String client = client(((HttpsExchange) exchange).getSSLSession());
		if (client != null) {
			this.clients.add(client);
		}
		if (this.behind != null) {
			forward(exchange, this.behind.uri(exchange.getRequestURI().toString()), String.valueOf(client));
			return;
		}
		exchange.sendResponseHeaders(204, -1);
		exchange.close();
	}

	private static void forward(HttpExchange exchange, URI target, String client) throws IOException {
		try (exchange) {
			HttpRequest.Builder builder = HttpRequest.newBuilder(target);
			exchange.getRequestHeaders()
				.getOrDefault("DPoP", List.of())
				.forEach((proof) -> builder.header("DPoP", proof));
			HttpRequest request = builder
				.method(exchange.getRequestMethod(),
						HttpRequest.BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()))
				.header("Content-Type", exchange.getRequestHeaders().getFirst("Content-Type"))
				.header(FakeClient.CERTIFICATE, client)
				.build();
			HttpResponse<byte[]> response = HttpClient.newHttpClient()
				.send(request, HttpResponse.BodyHandlers.ofByteArray());
			exchange.getResponseHeaders()
				.set("Content-Type", response.headers().firstValue("Content-Type").orElse("text/plain"));
			exchange.sendResponseHeaders(response.statusCode(),
					(response.body().length > 0) ? response.body().length : -1);
			exchange.getResponseBody().write(response.body());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static @Nullable String client(SSLSession session) {
		try {
			return ((X509Certificate) session.getPeerCertificates()[0]).getSubjectX500Principal().getName();
		}
		catch (SSLPeerUnverifiedException ex) {
			return null;
		}
	}

	URI uri(String host) {
		return URI.create("https://" + host + ":" + this.server.getAddress().getPort() + "/");
	}

	/** Subjects of the client certificates of all requests so far. */
	List<String> clients() {
		return this.clients;
	}

	/** The client's port of each request so far. */
	List<Integer> connections() {
		return this.connections;
	}

	@Override
	public void close() {
		this.server.stop(0);
	}

}
