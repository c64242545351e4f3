package io.github.oauth2pkce.code;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;

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
			assertThat(redirectUri.toString()).matches("http://\\[::1\\]:\\d+/callback");
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

	@Test
	void saysThatThereIsNoLoopbackAddress() {
		assertThatExceptionOfType(CodeLoginException.class)
			.isThrownBy(() -> LoopbackListener.bind(provider(0), MISSING, MISSING))
			.withMessageStartingWith("Cannot listen on a loopback address (");
	}

	private static boolean canBind(byte[] address) {
		try (ServerSocket socket = new ServerSocket()) {
			socket.bind(new InetSocketAddress(InetAddress.getByAddress(address), 0));
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
