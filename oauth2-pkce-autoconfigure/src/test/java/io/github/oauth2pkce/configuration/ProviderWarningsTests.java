package io.github.oauth2pkce.configuration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/** What is legal, and probably a mistake, is said once at the start. */
@ExtendWith(OutputCaptureExtension.class)
class ProviderWarningsTests {

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class))
		.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never");

	@Test
	void warnsOfPlainHttpToAnotherMachineOnly(CapturedOutput output) {
		this.context
			.withPropertyValues("oauth2.pkce.providers.plain.client-id=app",
					"oauth2.pkce.providers.plain.issuer-uri=http://login.internal/realms/main",
					"oauth2.pkce.providers.here.client-id=app",
					"oauth2.pkce.providers.here.issuer-uri=http://127.0.0.1:9000",
					"oauth2.pkce.providers.safe.client-id=app",
					"oauth2.pkce.providers.safe.issuer-uri=https://login.example.com")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).contains("oauth2.pkce.providers.plain.issuer-uri", "is plain http to another machine")
			.doesNotContain("providers.here.", "providers.safe.");
	}

	@Test
	void warnsOfProvidersThatCanGetNoToken(CapturedOutput output) {
		this.context
			.withPropertyValues("oauth2.pkce.providers.nothing.client-id=app",
					"oauth2.pkce.providers.half.client-id=app",
					"oauth2.pkce.providers.half.token-uri=https://login.example.com/token",
					"oauth2.pkce.providers.robot.client-id=app",
					"oauth2.pkce.providers.robot.authorization-grant-type=client_credentials",
					"oauth2.pkce.providers.robot.client-secret=s3cret",
					"oauth2.pkce.providers.robot.token-uri=https://login.example.com/token",
					"oauth2.pkce.providers.whole.client-id=app",
					"oauth2.pkce.providers.whole.issuer-uri=https://login.example.com")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output)
			.contains("set oauth2.pkce.providers.nothing.token-uri, or issuer-uri",
					"set oauth2.pkce.providers.nothing.device-authorization-uri",
					"set oauth2.pkce.providers.half.device-authorization-uri")
			.doesNotContain("providers.half.token-uri", "providers.robot", "providers.whole");
	}

	@Test
	void warnsOfClientsThatCannotSayWhoTheyAre(CapturedOutput output) {
		String token = ".token-uri=https://login.example.com/token";
		this.context
			.withPropertyValues("oauth2.pkce.providers.robot.client-id=app", "oauth2.pkce.providers.robot" + token,
					"oauth2.pkce.providers.robot.authorization-grant-type=client_credentials",
					"oauth2.pkce.providers.post.client-id=app", "oauth2.pkce.providers.post" + token,
					"oauth2.pkce.providers.post.authorization-grant-type=client_credentials",
					"oauth2.pkce.providers.post.client-authentication-method=client_secret_post",
					"oauth2.pkce.providers.mute.client-id=app", "oauth2.pkce.providers.mute" + token,
					"oauth2.pkce.providers.mute.client-secret=s3cret",
					"oauth2.pkce.providers.mute.client-authentication-method=none",
					"oauth2.pkce.providers.good.client-id=app", "oauth2.pkce.providers.good" + token,
					"oauth2.pkce.providers.good.authorization-grant-type=client_credentials",
					"oauth2.pkce.providers.good.client-secret=s3cret")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output)
			.contains("Provider 'robot' uses client_credentials without a secret, which servers refuse."
					+ " Set oauth2.pkce.providers.robot.client-secret, or oauth2.pkce.providers.robot.ssl-bundle")
			.contains("Provider 'post' authenticates by client_secret_post and has no secret")
			.contains("The property oauth2.pkce.providers.mute.client-secret is never sent")
			.doesNotContain("'good'", "s3cret");
	}

	@Test
	void warnsOfUsersWhoHaveNoPageToLogInAt(CapturedOutput output) {
		this.context
			.withPropertyValues("oauth2.pkce.providers.tools.resource-uri=https://tools.example.com/mcp",
					"oauth2.pkce.providers.tools.principal=current-user",
					"oauth2.pkce.providers.codes.resource-uri=https://codes.example.com/mcp",
					"oauth2.pkce.providers.codes.principal=current-user",
					"oauth2.pkce.providers.codes.authorization-grant-type=device_code",
					"oauth2.pkce.providers.known.issuer-uri=https://login.example.com",
					"oauth2.pkce.providers.known.client-id=app",
					"oauth2.pkce.providers.known.authorization-grant-type=authorization_code",
					"oauth2.pkce.providers.known.principal=current-user",
					"oauth2.pkce.providers.ours.resource-uri=https://ours.example.com/mcp")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output)
			.contains(
					"Provider 'tools' has no page at which users log in, because its server or its client is only found"
							+ " at run time",
					"Set oauth2.pkce.providers.tools.issuer-uri and oauth2.pkce.providers.tools.client-id instead of"
							+ " oauth2.pkce.providers.tools.resource-uri, or")
			.doesNotContain("'codes'", "'known'", "'ours'");
	}

	@Test
	void saysNothingOfAMachineWithACertificate(CapturedOutput output) {
		this.context
			.withPropertyValues("oauth2.pkce.providers.robot.client-id=app",
					"oauth2.pkce.providers.robot.token-uri=https://login.example.com/token",
					"oauth2.pkce.providers.robot.authorization-grant-type=client_credentials",
					"spring.http.clients.ssl.bundle=mine")
			.run((context) -> assertThat(output).doesNotContain("without a secret"));
	}

	@Test
	void warnsOfBaseUrlsThatTwoProvidersHave(CapturedOutput output) {
		this.context
			.withPropertyValues("oauth2.pkce.providers.one.client-id=app",
					"oauth2.pkce.providers.one.issuer-uri=https://login.example.com",
					"oauth2.pkce.providers.one.base-urls=https://api.example.com/,https://other.example.com",
					"oauth2.pkce.providers.two.client-id=app",
					"oauth2.pkce.providers.two.issuer-uri=https://login.example.com",
					"oauth2.pkce.providers.two.base-urls=https://API.example.com:443,https://other.example.com/v1")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output)
			.containsOnlyOnce("Requests below https://api.example.com:443 get no bearer, because more than one provider"
					+ " claims it: oauth2.pkce.providers.one.base-urls and oauth2.pkce.providers.two.base-urls.")
			.doesNotContain("other.example.com");
	}

	@Test
	void warnsOfBaseUrlsThatNeverGetABearer(CapturedOutput output) {
		this.context
			.withPropertyValues("oauth2.pkce.providers.one.client-id=app",
					"oauth2.pkce.providers.one.issuer-uri=https://login.example.com",
					"oauth2.pkce.providers.one.base-urls[0]=https://api.example.com",
					"oauth2.pkce.providers.one.base-urls[1]=http://localhost:8080",
					"oauth2.pkce.providers.one.base-urls[2]=http://192.0.2.2:9400/v1",
					"oauth2.pkce.providers.one.base-urls[3]=http://[::1]:9400")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output)
			.containsOnlyOnce("The property oauth2.pkce.providers.one.base-urls = \"http://192.0.2.2:9400/v1\""
					+ " is plain http to another machine: no bearer is sent there. Use https.")
			.doesNotContain("api.example.com", "localhost", "[::1]");
	}

}
