package io.github.oauth2pkce.code;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.code.LoopbackListener.Reply;
import io.github.oauth2pkce.testing.Browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

@Timeout(60)
class LoopbackListenerTests {

	/** For documentation (RFC 5737): on no machine. */
	private static final byte[] MISSING = { (byte) 203, 0, 113, 1 };

	private static final String SECRET_PATH = Random.value();

	@Test
	void listensOnIpv6WithoutIpv4() throws IOException {
		assumeTrue(canBind(LoopbackListener.IPV6), "This machine has no IPv6 loopback");
		try (LoopbackListener listener = LoopbackListener.bind(provider(0), MISSING, LoopbackListener.IPV6)) {
			URI redirectUri = listener.redirectUri();
			assertThat(redirectUri.toString()).matches("http://\\[::1\\]:\\d+/callback/main");
			start(listener);
			assertThat(new Browser().get(redirectUri + "?a=b").body()).contains("a=b");
		}
	}

	@Test
	void leavesTheAddressForNoPortThatIsTaken() throws IOException {
		try (ServerSocket taken = new ServerSocket()) {
			taken.bind(new InetSocketAddress(InetAddress.getByAddress(LoopbackListener.IPV4), 0));
			Provider provider = provider(taken.getLocalPort());
			assertThatExceptionOfType(CodeLoginException.class)
				.isThrownBy(() -> LoopbackListener.bind(provider, LoopbackListener.IPV4, new byte[] { 127, 0, 0, 2 }));
		}
	}

	/** The browser decides which of the two addresses the name is. */
	@Test
	void listensOnBothAddressesOfLocalhost() throws IOException {
		assumeTrue(canBind(LoopbackListener.IPV6), "This machine has no IPv6 loopback");
		Provider provider = Provider.withId("main", "cli").redirectUri(URI.create("http://localhost/cb")).build();
		try (LoopbackListener listener = LoopbackListener.bind(provider)) {
			start(listener);
			for (String host : List.of("127.0.0.1", "[::1]", "localhost")) {
				String address = listener.redirectUri().toString().replace("localhost", host);
				assertThat(new Browser().get(address + "?a=b").body()).as(host).contains("a=b");
			}
		}
	}

	@Test
	void sharesLocalhostWithNobody() throws IOException {
		assumeTrue(canBind(LoopbackListener.IPV6), "This machine has no IPv6 loopback");
		try (ServerSocket taken = new ServerSocket()) {
			taken.bind(new InetSocketAddress(InetAddress.getByAddress(LoopbackListener.IPV6), 0));
			Provider provider = Provider.withId("main", "cli")
				.redirectUri(URI.create("http://localhost:" + taken.getLocalPort() + "/cb"))
				.build();
			assertThatExceptionOfType(CodeLoginException.class).isThrownBy(() -> LoopbackListener.bind(provider))
				.withMessageStartingWith("Cannot listen on loopback port " + taken.getLocalPort());
			assertThat(canBind(LoopbackListener.IPV4, taken.getLocalPort())).isTrue();
		}
	}

	@Test
	void saysThatThereIsNoLoopbackAddress() {
		assertThatExceptionOfType(CodeLoginException.class)
			.isThrownBy(() -> LoopbackListener.bind(provider(0), MISSING, MISSING))
			.withMessageStartingWith("Cannot listen on a loopback address (");
	}

	/** Any account of the machine can do that. */
	@ParameterizedTest
	@ValueSource(strings = { "G", "GET /callback/main?code=x HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ",
			"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n" })
	void requestsThatNeverEndKeepNobodyOut(String beginning) throws IOException {
		List<Socket> open = new ArrayList<>();
		try (LoopbackListener listener = LoopbackListener.bind(provider(0))) {
			start(listener);
			for (int i = 0; i < 100; i++) {
				Socket socket = new Socket(InetAddress.getByAddress(LoopbackListener.IPV4),
						listener.redirectUri().getPort());
				open.add(socket);
				socket.getOutputStream().write(beginning.getBytes(StandardCharsets.US_ASCII));
			}
			assertThat(new Browser().get(listener.redirectUri() + "?a=b").body()).contains("a=b");
		}
		finally {
			for (Socket socket : open) {
				socket.close();
			}
		}
	}

	@Test
	void answerThatWaitsGivesWayToNobody() throws Exception {
		List<Socket> open = new ArrayList<>();
		CompletableFuture<CallbackPage> page = new CompletableFuture<>();
		CompletableFuture<Void> waiting = new CompletableFuture<>();
		try (LoopbackListener listener = LoopbackListener.bind(provider(0))) {
			listener.start(Map.of(listener.path(), (hit) -> {
				waiting.complete(null);
				return new Reply(page, Map.of(), () -> {
				});
			}));
			CompletableFuture<String> answer = CompletableFuture
				.supplyAsync(() -> new Browser().get(listener.redirectUri()).body());
			waiting.get(10, TimeUnit.SECONDS);
			for (int i = 0; i < 100; i++) {
				Socket socket = new Socket(InetAddress.getByAddress(LoopbackListener.IPV4),
						listener.redirectUri().getPort());
				open.add(socket);
				socket.getOutputStream().write('G');
			}
			assertThat(new Browser().get(listener.redirectUri().resolve("/other")).statusCode()).isEqualTo(404);
			page.complete(CallbackPage.ignored(200, "Still there"));
			assertThat(answer.get(10, TimeUnit.SECONDS)).contains("Still there");
		}
		finally {
			for (Socket socket : open) {
				socket.close();
			}
		}
	}

	@Test
	void keepsCodeAndStateOutOfTheLogOfTheServer() {
		List<String> lines = new CopyOnWriteArrayList<>();
		Handler handler = new Handler() {
			@Override
			public void publish(LogRecord line) {
				lines.add(line.getMessage() + Arrays.toString(line.getParameters()));
			}

			@Override
			public void flush() {
			}

			@Override
			public void close() {
			}
		};
		handler.setLevel(Level.ALL);
		Logger log = Logger.getLogger("com.sun.net.httpserver");
		Level level = log.getLevel();
		try (LoopbackListener listener = LoopbackListener.bind(provider(0))) {
			log.setLevel(Level.ALL);
			log.addHandler(handler);
			start(listener);
			new Browser().get(listener.redirectUri() + "?code=the-code&state=the-state");
			new Browser().get(listener.redirectUri() + "/other");
			new Browser().get(listener.redirectUri().resolve("/" + SECRET_PATH));
		}
		finally {
			log.removeHandler(handler);
			log.setLevel(level);
		}
		assertThat(lines).anyMatch((line) -> line.contains("/callback/main/other"))
			.noneMatch((line) -> line.contains("the-code") || line.contains("the-state") || line.contains(SECRET_PATH));
	}

	/** Answers with the query that came. */
	private static void start(LoopbackListener listener) {
		listener
			.start(Map.of(listener.path(), (hit) -> new Reply(CallbackPage.ignored(200, String.valueOf(hit.query())))));
	}

	private static boolean canBind(byte[] address) {
		return canBind(address, 0);
	}

	private static boolean canBind(byte[] address, int port) {
		try (ServerSocket socket = new ServerSocket()) {
			socket.bind(new InetSocketAddress(InetAddress.getByAddress(address), port));
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static Provider provider(int port) {
		return Provider.withId("main", "cli").redirectPort(port).build();
	}

}
