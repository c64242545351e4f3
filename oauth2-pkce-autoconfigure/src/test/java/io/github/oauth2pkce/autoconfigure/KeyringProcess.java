package io.github.oauth2pkce.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

import io.github.oauth2pkce.configuration.InvalidPropertyException;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.TestApplication;
import io.github.oauth2pkce.testing.TestCredentials;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.NestedExceptionUtils;

/**
 * Applications with one directory of logins, one after the other in this process, which
 * has a session of its own with or without a key store. Each argument is one of them: how
 * it is started, and what it does. Says what came of each in a line.
 */
final class KeyringProcess {

	private static final Credential LOGIN = TestCredentials.credential()
		.lifetime(Duration.ofDays(1), Instant.now().plus(Duration.ofDays(1)))
		.build();

	private KeyringProcess() {
	}

	public static void main(String[] args) {
		Path directory = Path.of(args[0]);
		for (int i = 1; i < args.length; i++) {
			System.out.println("> " + args[i] + ": " + outcome(directory, args[i]) + "; key file "
					+ Files.exists(directory.resolve("encryption.key")));
		}
		System.exit(0);
	}

	private static String outcome(Path directory, String step) {
		String location = step.split(" ")[0];
		try (ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.NONE)
			.with("oauth2.pkce.providers.demo.client-id=cli",
					"oauth2.pkce.providers.demo.issuer-uri=https://auth.example", "oauth2.pkce.startup.refresh=false",
					"oauth2.pkce.store.type=file", "oauth2.pkce.store.directory=" + directory,
					"oauth2.pkce.store.key-location=" + location)
			.run()) {
			TokenStore store = context.getBean(TokenStore.class);
			if (step.endsWith("saves")) {
				return String.valueOf(store.save(LOGIN, Credential.NONE));
			}
			return (store.load(LOGIN.id()) != null) ? "found" : "nothing";
		}
		catch (TokenStoreException ex) {
			return String.valueOf(ex.getMessage());
		}
		catch (RuntimeException ex) {
			Throwable cause = NestedExceptionUtils.getMostSpecificCause(ex);
			return cause.getMessage()
					+ ((cause instanceof InvalidPropertyException invalid) ? " => " + invalid.action() : "");
		}
	}

}
