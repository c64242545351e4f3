package io.github.oauth2pkce.configuration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PushedRequests;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.testing.KeyPairs;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/** What {@code profile: fapi2} demands, and what it sets. */
@Timeout(60)
class Fapi2Tests {

	private static final String PREFIX = "oauth2.pkce.providers.acme.";

	private static final String PEM = KeyPairs.pkcs8(KeyPairs.generate("P-256"));

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, PkceAutoConfiguration.class))
		.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never",
				PREFIX + "client-id=app", PREFIX + "issuer-uri=https://login.example.com", PREFIX + "profile=fapi2",
				PREFIX + "authorization-grant-type=authorization_code");

	private final ApplicationContextRunner complete = this.context.withPropertyValues(PREFIX + "dpop=true",
			PREFIX + "client-authentication-method=private_key_jwt", PREFIX + "client-assertion.key=" + PEM);

	@Test
	void setsWhatCanBeSet() {
		this.complete.run((context) -> {
			Provider provider = context.getBean(Providers.class).get("acme");
			assertThat(provider.login().pushedRequests()).isEqualTo(PushedRequests.ALWAYS);
			assertThat(provider.login().issRequired()).isTrue();
		});
	}

	@Test
	void saysEachThingThatIsMissing() {
		this.context.withPropertyValues(PREFIX + "pkce=false", PREFIX + "pushed-authorization-requests=never")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidPropertyException.class, (ex) -> {
					assertThat(ex).hasMessageContaining("The property " + PREFIX + "profile = \"fapi2\" demands");
					assertThat(ex.action()).contains("Remove " + PREFIX + "pkce=false.",
							"Remove " + PREFIX + "pushed-authorization-requests=never.",
							"Set " + PREFIX + "client-authentication-method to private_key_jwt or tls_client_auth.",
							"Set " + PREFIX + "dpop=true, or authenticate by mutual TLS.");
				}));
	}

	@ParameterizedTest
	@CsvSource({ "pkce, false, proof keys", "pushed-authorization-requests, never, pushed authorization requests",
			"dpop, false, tokens that are bound", "authorization-grant-type, device_code, logins in a browser",
			"issuer-uri, '', answers that name their issuer" })
	void anyOneThingIsEnough(String key, String value, String problem) {
		this.complete
			.withPropertyValues(PREFIX + key + "=" + value, PREFIX + "token-uri=https://login.example.com/token",
					PREFIX + "authorization-uri=https://login.example.com/authorize")
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining(problem));
	}

	@Test
	void machineNeedsAKeyAndBoundTokens() {
		this.context
			.withPropertyValues(PREFIX + "authorization-grant-type=client_credentials",
					PREFIX + "client-secret=a-secret")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("client_secret_basic")
				.hasMessageNotContaining("pushed"));
		this.complete.withPropertyValues(PREFIX + "authorization-grant-type=client_credentials")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void otherProfilesAreNone() {
		this.context.withPropertyValues(PREFIX + "profile=fapi1").run((context) -> assertThat(context).hasFailed());
	}

}
