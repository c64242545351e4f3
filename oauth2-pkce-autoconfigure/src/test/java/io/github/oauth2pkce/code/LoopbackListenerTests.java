package io.github.oauth2pkce.code;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.code.LoopbackListener.Callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class LoopbackListenerTests {

	/** For documentation (RFC 5737): on no machine. */
	private static final byte[] MISSING = { (byte) 203, 0, 113, 1 };

	@Test
	void listensOnIpv6WithoutIpv4() throws IOException {
		assumeTrue(canBind(LoopbackListener.IPV6), "This machine has no IPv6 loopback");
		try (LoopbackListener listener = LoopbackListener.bind(provider(0), MISSING, LoopbackListener.IPV6)) {
			URI redirectUri = listener.redirectUri();
			assertThat(redirectUri.toString()).matches("http://\\[::1\\]:\\d+/callback/main");
			listener.start((query) -> new Callback(CallbackPage.loggedIn(String.valueOf(query))));
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
			listener.start((query) -> new Callback(CallbackPage.loggedIn(String.valueOf(query))));
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
			listener.start((query) -> new Callback(CallbackPage.loggedIn("Welcome")));
			new Browser().get(listener.redirectUri() + "?code=the-code&state=the-state");
			new Browser().get(listener.redirectUri() + "/other");
		}
		finally {
			log.removeHandler(handler);
			log.setLevel(level);
		}
		assertThat(lines).anyMatch((line) -> line.contains("/callback/main/other"))
			.noneMatch((line) -> line.contains("the-code") || line.contains("the-state"));
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
