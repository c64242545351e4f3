package io.github.oauth2pkce.configuration;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.configuration.StoreDirectory.NoHomeException;

import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class StoreDirectoryTests {

	private static final Path HOME = Path.of(System.getProperty("user.home"));

	private final MockEnvironment environment = new MockEnvironment();

	@Test
	void isBelowTheStateOfTheUserByTheNameOfTheApplication() {
		this.environment.setProperty("spring.application.name", "order-sync_2.0");
		assertThat(StoreDirectory.of(null, this.environment))
			.isEqualTo(HOME.resolve(".local/state/oauth2-pkce/order-sync_2.0"));
	}

	@ParameterizedTest
	@CsvSource({ "/var/lib/state, /var/lib/state/oauth2-pkce/application",
			"'', {home}/.local/state/oauth2-pkce/application",
			"relative, {home}/.local/state/oauth2-pkce/application" })
	void followsAnAbsoluteStateHome(String state, String expected) {
		this.environment.setProperty("XDG_STATE_HOME", state);
		assertThat(StoreDirectory.of("", this.environment))
			.isEqualTo(Path.of(expected.replace("{home}", HOME.toString())));
	}

	@ParameterizedTest
	@CsvSource({ "/srv/logins, /srv/logins", "logins, logins", "~/logins, {home}/logins", "~other/x, ~other/x" })
	void isWhatIsConfigured(String configured, String expected) {
		this.environment.setProperty("XDG_STATE_HOME", "/var/lib/state");
		assertThat(StoreDirectory.of(configured, this.environment))
			.isEqualTo(Path.of(expected.replace("{home}", HOME.toString())));
	}

	@ParameterizedTest
	@CsvSource({ "../../etc, .._.._etc-", "a/b, a_b-", "\u00c4pp, _pp-", "\u00d6pp, _pp-" })
	void namesThatNoPathShouldHaveStayInsideAndApart(String name, String beginning) {
		this.environment.setProperty("spring.application.name", name);
		Path directory = StoreDirectory.of(null, this.environment);
		assertThat(directory.getParent()).isEqualTo(HOME.resolve(".local/state/oauth2-pkce"));
		assertThat(directory.getFileName().toString()).startsWith(beginning).hasSize(beginning.length() + 8);
	}

	@Test
	void differentNamesHaveDifferentDirectories() {
		Path one = StoreDirectory.of(null, new MockEnvironment().withProperty("spring.application.name", "a b"));
		Path other = StoreDirectory.of(null, new MockEnvironment().withProperty("spring.application.name", "a/b"));
		assertThat(one).isNotEqualTo(other);
	}

	@ParameterizedTest
	@CsvSource({ "''", ".", ".." })
	void namesThatAreNoneShareOne(String name) {
		this.environment.setProperty("spring.application.name", name);
		assertThat(StoreDirectory.of(null, this.environment).getFileName()).hasToString("application");
	}

	/** As Java says it of a user whom the system does not know. */
	@ParameterizedTest
	@ValueSource(strings = { "?", "", " ", "/", "relative" })
	void userWithoutAHomeHasToNameADirectory(String home) {
		System.setProperty("user.home", home);
		try {
			for (String configured : new String[] { null, "~/logins" }) {
				assertThatExceptionOfType(NoHomeException.class)
					.isThrownBy(() -> StoreDirectory.of(configured, this.environment));
			}
			assertThat(StoreDirectory.of("/srv/logins", this.environment)).isEqualTo(Path.of("/srv/logins"));
			assertThat(StoreDirectory.of("logins", this.environment)).isEqualTo(Path.of("logins"));
			this.environment.setProperty("XDG_STATE_HOME", "/var/lib/state");
			assertThat(StoreDirectory.of(null, this.environment))
				.isEqualTo(Path.of("/var/lib/state/oauth2-pkce/application"));
		}
		finally {
			System.setProperty("user.home", HOME.toString());
		}
	}

}
