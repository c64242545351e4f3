package io.github.oauth2pkce.configuration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.testing.KeyPairs;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

import static org.assertj.core.api.Assertions.assertThat;

/** What a client lacks that is to sign, or to have a certificate, stops the start. */
@Timeout(60)
class ClientAssertionSettingsTests {

	private static final String PREFIX = "oauth2.pkce.providers.acme.";

	private static final String PEM = KeyPairs.pkcs8(KeyPairs.generate("P-256"));

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, PkceAutoConfiguration.class))
		.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never",
				PREFIX + "client-id=app", PREFIX + "issuer-uri=https://login.example.com");

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
			"private_key_jwt | pkce=true | client-assertion.key is missing: private_key_jwt signs with a private key",
			"tls_client_auth | pkce=true | ssl-bundle is missing: tls_client_auth needs the certificate of the client",
			"self_signed_tls_client_auth | pkce=true | ssl-bundle is missing: self_signed_tls_client_auth needs",
			"client_secret_jwt | pkce=true | client-secret is missing: client_secret_jwt signs with it",
			"client_secret_jwt | client-secret=short | client-secret is too short for client_secret_jwt",
			"none | client-assertion.key=PEM | client-assertion.key is never used",
			"none | client-assertion.audience=https://aud.example | client-assertion.audience is never used",
			"none | client-assertion.env=TOKEN | client-assertion.env is never used",
			"private_key_jwt | client-assertion.lifetime=0s | client-assertion.lifetime = \"PT0S\" is not the lifetime",
			"private_key_jwt | client-assertion.lifetime=2d | client-assertion.lifetime = \"PT48H\" is not the lifetime",
			"private_key_jwt | client-assertion.key=${NO_SUCH_KEY} | client-assertion.key refers to ${NO_SUCH_KEY}",
			"private_key_jwt | client-assertion.key=/no/such/key | client-assertion.key = \"/no/such/key\" cannot be read",
			"rsa | client-assertion.key=PEM | client-authentication-method = \"rsa\" is not supported" })
	void saysWhatIsMissingOrWrong(String method, String property, String sentence) {
		this.context
			.withPropertyValues(PREFIX + "client-authentication-method=" + method,
					PREFIX + property.replace("PEM", PEM))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidPropertyException.class)
				.hasMessageContaining("The property " + PREFIX + sentence));
	}

	@ParameterizedTest
	@CsvSource({ "HS256", "none", "ES257" })
	void algorithmOfAPrivateKeyIsOneForSignatures(String algorithm) {
		this.context
			.withPropertyValues(PREFIX + "client-assertion.key=" + PEM,
					PREFIX + "client-assertion.algorithm=" + algorithm)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("client-assertion.algorithm = \"" + algorithm + "\" is no algorithm of"));
	}

	@Test
	void algorithmOfASecretHasToFitItsLength() {
		this.context
			.withPropertyValues(PREFIX + "client-authentication-method=client_secret_jwt",
					PREFIX + "client-secret=" + "s".repeat(40), PREFIX + "client-assertion.algorithm=HS512")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("client-assertion.algorithm = \"HS512\" does not fit client_secret_jwt"));
	}

	@ParameterizedTest
	@CsvSource({ "key,/tmp/key", "algorithm,ES256", "key-id,one", "audience,https://aud.example" })
	void whatIsSignedElsewhereIsNotSignedHere(String key, String value) {
		this.context
			.withPropertyValues(PREFIX + "client-assertion.file=/tmp/token",
					PREFIX + "client-assertion." + key + "=" + value)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining(
						"client-assertion." + key + " is set beside " + PREFIX + "client-assertion.file"));
	}

	@Test
	void assertionComesFromOnePlace() {
		this.context
			.withPropertyValues(PREFIX + "client-assertion.file=/tmp/token",
					PREFIX + "client-assertion.kubernetes=true")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("client-assertion is said to come from more than one place"));
	}

	@Test
	void assertionOfAnotherProviderClosesNoCircle() {
		this.context.withPropertyValues(PREFIX + "client-assertion.provider=acme")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("client-assertion.provider = \"acme\" closes a circle"));
	}

	@Test
	void beanOfAnAssertionExists() {
		this.context.withPropertyValues(PREFIX + "client-assertion.bean=platform")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("client-assertion.bean = \"platform\" names no bean of type SubjectTokenSource"));
	}

	@Test
	void bundleWithoutAKeyIsNamed() {
		this.context
			.withPropertyValues(PREFIX + "client-authentication-method=tls_client_auth", PREFIX + "ssl-bundle=internal",
					"spring.ssl.bundle.pem.internal.options.ciphers=")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("The property " + PREFIX + "ssl-bundle = \"internal\" has no key"));
	}

	@Test
	void keyAloneMakesAClientSign() {
		this.context.withPropertyValues(PREFIX + "client-assertion.key=" + PEM).run((context) -> {
			Provider provider = context.getBean(Providers.class).get("acme");
			assertThat(provider.client().authenticationMethod()).isEqualTo(ClientAuthenticationMethod.PRIVATE_KEY_JWT);
		});
	}

}
