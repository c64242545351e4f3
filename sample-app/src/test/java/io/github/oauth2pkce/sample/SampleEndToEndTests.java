package io.github.oauth2pkce.sample;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.sample.headless.HeadlessRun;
import io.github.oauth2pkce.sample.wire.WireAccount;

import static org.assertj.core.api.Assertions.assertThat;

/** What {@code --demo.approve=auto} does, with the starter, on free ports. */
class SampleEndToEndTests {

	@TempDir
	Path directory;

	@Test
	@Timeout(value = 3, unit = TimeUnit.MINUTES)
	void oneLoginLastsOverTokenLifetimesAndARestart() throws IOException {
		Map<String, Object> properties = Map.of("demo.access-token-lifetime", "4s", "catalogue.time-to-live", "1s",
				"demo.data-directory", this.directory.toString());
		String[] ports = { "--demo.port=" + freePort(), "--server.port=" + freePort() };
		WireAccount account = new WireAccount();
		ByteArrayOutputStream told = new ByteArrayOutputStream();
		int exitCode = new HeadlessRun(() -> SampleApplication.start(account, properties, ports), account,
				new PrintStream(told, true, StandardCharsets.UTF_8))
			.run();
		String text = told.toString(StandardCharsets.UTF_8);
		assertThat(exitCode).as(text).isZero();
		assertThat(text).contains("code challenge, method S256").contains("All as it should be.");
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

}
