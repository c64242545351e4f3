package io.github.oauth2pkce.sample.authserver;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;

import io.github.oauth2pkce.sample.authserver.Device.Answer;
import io.github.oauth2pkce.sample.headless.Person;
import io.github.oauth2pkce.sample.wire.WireAccount;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.util.TestSocketUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the demo authorization server still knows after a restart.
 */
class DemoAuthorizationServerRestartTests {

	@TempDir
	Path directory;

	private final int port = TestSocketUtils.findAvailableTcpPort();

	@Test
	void loginOutlivesARestart() {
		Answer tokens = whileRunning(this::login);
		Answer refreshed = whileRunning((device) -> {
			assertThat(device.models(tokens.text("access_token")).status()).isEqualTo(200);
			return device.refresh(tokens.text("refresh_token"));
		});
		assertThat(refreshed.status()).as(refreshed.body()).isEqualTo(200);
		Answer reused = whileRunning((device) -> device.refresh(tokens.text("refresh_token")));
		assertThat(reused.text("error_description")).isEqualTo("Maximum allowed refresh token reuse exceeded");
	}

	private Answer login(Device device) {
		Answer authorization = device.authorizeWithPkce();
		try {
			new Person("alice", "alice").approve(URI.create(authorization.text("verification_uri_complete")));
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		return device.poll(authorization.text("device_code"), "code_verifier", Device.VERIFIER);
	}

	private Answer whileRunning(Function<Device, Answer> action) {
		DemoSettings settings = new DemoSettings(this.port, this.directory, Duration.ofSeconds(30),
				Duration.ofSeconds(2), false);
		try (ConfigurableApplicationContext server = DemoAuthorizationServer.start(settings, new WireAccount())) {
			assertThat(server.isRunning()).isTrue();
			return action.apply(new Device(settings.issuer()));
		}
	}

}
