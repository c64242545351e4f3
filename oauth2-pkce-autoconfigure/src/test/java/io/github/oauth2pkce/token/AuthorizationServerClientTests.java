package io.github.oauth2pkce.token;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.SocketEffect;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.netty.http.client.HttpClient;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.testing.TestProviders;
import io.github.oauth2pkce.token.AuthorizationServerClient.Answer;

import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** What a network can do to an exchange. */
@Timeout(30)
class AuthorizationServerClientTests {

	private final Provider provider = TestProviders.offline().build();

	private final MockWebServer server = new MockWebServer();

	/** So patient that only what is to be shown ends a request, on a busy machine too. */
	private final AuthorizationServerClient client = TestLogins.client(Duration.ofSeconds(30));

	private final AuthorizationServerClient impatient = TestLogins.client(Duration.ofMillis(700));

	@BeforeEach
	void start() throws IOException {
		this.server.start(InetAddress.getByAddress(new byte[] { 127, 0, 0, 1 }), 0);
	}

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void answersWithStatusHeadersAndBody() {
		this.server.enqueue(new MockResponse.Builder().code(418).addHeader("X-Tea", "yes").body("{\"a\":1}").build());
		Answer answer = post();
		assertThat(answer.status()).isEqualTo(418);
		assertThat(answer.headers().getFirst("X-Tea")).isEqualTo("yes");
		assertThat(answer.body()).isEqualTo("{\"a\":1}");
		assertThat(answer.toString()).doesNotContain("{");
	}

	@Test
	void emptyBodyIsAnAnswer() {
		this.server.enqueue(new MockResponse.Builder().code(204).build());
		assertThat(post().body()).isEmpty();
	}

	@Test
	void redirectIsAnAnswerAndNotFollowed() {
		this.server.enqueue(new MockResponse.Builder().code(308).addHeader("Location", "/elsewhere").build());
		assertThat(post().status()).isEqualTo(308);
		assertThat(this.server.getRequestCount()).isEqualTo(1);
	}

	@ParameterizedTest
	@MethodSource("connectors")
	void redirectOfADocumentIsNotFollowedEither(ClientHttpConnector connector) {
		this.server.enqueue(new MockResponse.Builder().code(302).addHeader("Location", "/elsewhere").build());
		assertThat(client(connector).get(this.provider, uri()).status()).isEqualTo(302);
		assertThat(this.server.getRequestCount()).isEqualTo(1);
	}

	@Test
	void tenMegabytesAreTooMuch() {
		this.server.enqueue(new MockResponse.Builder().body("x".repeat(10 * 1024 * 1024)).build());
		unreachable();
	}

	@Test
	void serverThatSaysNothingIsATimeout() {
		this.server.enqueue(new MockResponse.Builder().onRequestStart(SocketEffect.Stall.INSTANCE).build());
		AuthorizationServerUnreachableException failure = unreachable(this.impatient);
		assertThat(failure).hasCauseInstanceOf(TimeoutException.class).hasMessageContaining("no complete answer");
		assertThat(failure.isTimeout()).isTrue();
	}

	@Test
	void serverThatTricklesIsATimeoutToo() {
		this.server.enqueue(
				new MockResponse.Builder().body("x".repeat(1000)).throttleBody(10, 100, TimeUnit.MILLISECONDS).build());
		assertThat(unreachable(this.impatient).isTimeout()).isTrue();
	}

	@Test
	void readTimeoutOfTheTransportIsATimeout() {
		this.server.enqueue(new MockResponse.Builder().onResponseStart(SocketEffect.Stall.INSTANCE).build());
		AuthorizationServerClient client = client(
				new ReactorClientHttpConnector(HttpClient.create().responseTimeout(Duration.ofMillis(100))));
		AuthorizationServerUnreachableException failure = catchThrowableOfType(
				AuthorizationServerUnreachableException.class, () -> post(client, uri()));
		assertThat(failure.isTimeout()).isTrue();
	}

	@Test
	void halfAnAnswerIsNone() {
		this.server.enqueue(new MockResponse.Builder().body("{\"access_token\":\"at-1234567890\"}")
			.onResponseBody(new SocketEffect.CloseSocket())
			.build());
		assertThat(unreachable().isTimeout()).isFalse();
	}

	@Test
	void closedConnectionIsNoAnswer() {
		this.server.enqueue(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()).build());
		assertThat(unreachable().isTimeout()).isFalse();
	}

	@ParameterizedTest
	@MethodSource("connectors")
	void refusedConnectionIsNoAnswer(ClientHttpConnector connector) {
		URI uri = uri();
		this.server.close();
		AuthorizationServerUnreachableException failure = catchThrowableOfType(
				AuthorizationServerUnreachableException.class, () -> post(client(connector), uri));
		assertThat(failure).hasMessageStartingWith("POST " + uri + ": ").hasMessageNotContaining("Exception");
		assertThat(failure.isTimeout()).isFalse();
	}

	@Test
	void messageNamesTheEndpointWithoutItsQuery() {
		this.server.enqueue(new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()).build());
		AuthorizationServerUnreachableException failure = catchThrowableOfType(
				AuthorizationServerUnreachableException.class,
				() -> this.client.get(this.provider, URI.create(uri() + "?token=secret")));
		assertThat(failure).hasMessageContaining("/token").hasMessageNotContaining("secret");
	}

	static ClientHttpConnector[] connectors() {
		return new ClientHttpConnector[] { new ReactorClientHttpConnector(), new JdkClientHttpConnector() };
	}

	/**
	 * A server that has read, and perhaps served, a refresh before the connection breaks
	 * would take a second one for theft of the refresh token.
	 */
	@ParameterizedTest
	@MethodSource("connectors")
	void formIsNeverSentTwice(ClientHttpConnector connector) throws Exception {
		AtomicInteger forms = new AtomicInteger();
		try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			Thread thread = new Thread(() -> resetAfterReading(listener, forms), "resetting-server");
			thread.setDaemon(true);
			thread.start();
			URI uri = URI.create("http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":"
					+ listener.getLocalPort() + "/token");
			AuthorizationServerClient client = client(connector);
			assertThat(post(client, uri).status()).isEqualTo(200);
			AuthorizationServerUnreachableException failure = catchThrowableOfType(
					AuthorizationServerUnreachableException.class, () -> post(client, uri));
			assertThat(failure).isNotNull();
			assertThat(forms).hasValue(2);
		}
	}

	/**
	 * Answers the first form, and resets the connection after every later one. Each
	 * connection has a thread: whether the second form comes on a connection of its own
	 * depends on how soon the first one was back in the pool.
	 */
	private static void resetAfterReading(ServerSocket listener, AtomicInteger forms) {
		while (!listener.isClosed()) {
			try {
				Socket socket = listener.accept();
				Thread thread = new Thread(() -> serve(socket, forms), "resetting-connection");
				thread.setDaemon(true);
				thread.start();
			}
			catch (IOException ex) {
				// Closed by the test.
			}
		}
	}

	private static void serve(Socket connection, AtomicInteger forms) {
		try (Socket socket = connection) {
			socket.setSoLinger(true, 0);
			readForm(socket.getInputStream());
			if (forms.incrementAndGet() == 1) {
				socket.getOutputStream()
					.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".getBytes(StandardCharsets.US_ASCII));
				readForm(socket.getInputStream());
				forms.incrementAndGet();
			}
		}
		catch (IOException ex) {
			// Closed by the client.
		}
	}

	private static void readForm(InputStream input) throws IOException {
		StringBuilder request = new StringBuilder();
		byte[] buffer = new byte[4096];
		while (request.indexOf("refresh_token=rt-1234567890") < 0) {
			int length = input.read(buffer);
			if (length < 0) {
				throw new IOException("The client has left");
			}
			request.append(new String(buffer, 0, length, StandardCharsets.ISO_8859_1));
		}
	}

	private static AuthorizationServerClient client(ClientHttpConnector connector) {
		WebClient webClient = WebClient.builder().clientConnector(connector).build();
		return new AuthorizationServerClient((provider) -> webClient, Duration.ofSeconds(30));
	}

	private URI uri() {
		return URI.create("http://127.0.0.1:" + this.server.getPort() + "/token");
	}

	private AuthorizationServerUnreachableException unreachable() {
		return unreachable(this.client);
	}

	private AuthorizationServerUnreachableException unreachable(AuthorizationServerClient client) {
		AuthorizationServerUnreachableException failure = catchThrowableOfType(
				AuthorizationServerUnreachableException.class, () -> post(client, uri()));
		assertThat(failure).isNotNull().hasMessageNotContaining("rt-1234567890");
		return failure;
	}

	private Answer post() {
		return post(this.client, uri());
	}

	private Answer post(AuthorizationServerClient client, URI uri) {
		MultiValueMap<String, String> form = new LinkedMultiValueMap<>();
		form.add("refresh_token", "rt-1234567890");
		return client.post(this.provider, uri, AuthorizationServerCall.revocation(this.provider.id()), form);
	}

}
