package io.github.oauth2pkce.device;

import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.FailureKind;
import io.github.oauth2pkce.token.TokenRequestException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** How a device authorization answer is read, however odd it is. */
@Timeout(30)
class DeviceAuthorizationEndpointTests {

	private final DeviceWorld world = new DeviceWorld();

	@AfterEach
	void close() {
		this.world.close();
	}

	@Test
	void readsTheExampleOfRfc8628() {
		// Section 3.2, with a page on this machine beside it.
		this.world.server.enqueue(Endpoint.DEVICE_AUTHORIZATION, Answer.json(200, """
				{
				  "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
				  "user_code": "WDJB-MJHT",
				  "verification_uri": "https://example.com/device",
				  "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
				  "expires_in": 1800,
				  "interval": 5
				}
				"""));
		DeviceAuthorization authorization = this.world.authorize();
		UserCode userCode = authorization.userCode();
		assertThat(authorization.deviceCode()).isEqualTo("GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS");
		assertThat(authorization.interval()).hasSeconds(5);
		assertThat(userCode.providerId()).isEqualTo("demo");
		assertThat(userCode.userCode()).isEqualTo("WDJB-MJHT");
		assertThat(userCode.verificationUri()).hasToString("https://example.com/device");
		assertThat(userCode.verificationUriComplete()).hasToString("https://example.com/device?user_code=WDJB-MJHT");
		assertThat(userCode.expiresIn()).hasSeconds(1800);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
			3            | 3
			"7"          | 7
			" 7 "        | 7
			"7.2"        | 8
			2.1          | 3
			0.2          | 1
			1e1          | 10
			0            | 5
			-1           | 5
			"-30"        | 5
			""           | 5
			"soon"       | 5
			null         | 5
			true         | 5
			[3]          | 5
			90           | 90
			5000         | 600
			1e300        | 600
			99999999999999999999 | 600
			""")
	void intervalIsRoundedUpNeverShortenedAndClamped(String json, long seconds) {
		this.world.server.device().answer().putRaw("interval", json);
		assertThat(this.world.authorize().interval()).hasSeconds(seconds);
	}

	@Test
	void absentIntervalIsFiveSeconds() {
		this.world.server.device().answer().remove("interval");
		assertThat(this.world.authorize().interval()).hasSeconds(5);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
			900          | 900
			"900"        | 900
			899.5        | 900
			0            | 600
			-1           | 600
			"never"      | 600
			null         | 600
			1e12         | 86400
			1e300        | 86400
			9223372036854775808 | 86400
			""")
	void lifetimeIsReadLenientlyAndClamped(String json, long seconds) {
		this.world.server.device().answer().putRaw("expires_in", json);
		assertThat(this.world.authorize().userCode().expiresIn()).hasSeconds(seconds);
	}

	@Test
	void absentLifetimeIsTenMinutes() {
		this.world.server.device().answer().remove("expires_in");
		assertThat(this.world.authorize().userCode().expiresIn()).isEqualTo(Duration.ofMinutes(10));
	}

	@Test
	void googlesNameForThePageIsUnderstood() {
		this.world.server.device()
			.answer()
			.remove("verification_uri")
			.put("verification_url", "https://www.google.com/device");
		assertThat(this.world.authorize().userCode().verificationUri()).hasToString("https://www.google.com/device");
	}

	@Test
	void theStandardNameOfThePageBeatsGoogles() {
		this.world.server.device().answer().put("verification_url", "https://elsewhere.example/");
		assertThat(this.world.authorize().userCode().verificationUri()).isEqualTo(this.world.server.uri("/device"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://login.example/device", "javascript:alert(1)", "file:///etc/passwd", "/device",
			"login.example/device", "", "https://login.example/device\u001b[2J", "https://login.example/\ndevice",
			"https://login.example/\u202edevice", "https://login.example@evil.example/device",
			"http://127.0.0.1.evil.example/device", "http://localhost.evil.example/", "https://", "https:///device",
			"https://login.example/a b", "data:text/html,hi" })
	void pageThatNobodyShouldBeSentToIsRefusedWithASentence(String address) {
		this.world.server.device().answer().put("verification_uri", address);
		assertThatExceptionOfType(TokenRequestException.class).isThrownBy(this.world::authorize).satisfies((ex) -> {
			assertThat(ex.kind()).isEqualTo(FailureKind.MISCONFIGURED);
			assertThat(ex.errorCode()).isEqualTo("invalid_device_authorization_response");
		}).withMessageContaining("The device authorization response has no verification_uri that is https or loopback");
	}

	@Test
	void pageOfEndlessLengthIsRefused() {
		this.world.server.device().answer().put("verification_uri", "https://login.example/" + "a".repeat(3000));
		assertThatExceptionOfType(TokenRequestException.class).isThrownBy(this.world::authorize);
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://login.example/device?user_code=A", "javascript:alert(1)", "not a uri",
			"https://login.example/device?user_code=A\u0007", "https://me@evil.example/device" })
	void completePageOfThatKindIsLeftOut(String address) {
		this.world.server.device().answer().put("verification_uri_complete", address);
		UserCode userCode = this.world.authorize().userCode();
		assertThat(userCode.verificationUriComplete()).isNull();
		assertThat(userCode.verificationUri()).isEqualTo(this.world.server.uri("/device"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://localhost:8080/device", "http://[::1]/device", "http://127.1.2.3/device",
			"HTTPS://LOGIN.EXAMPLE/device" })
	void pagesOfThisMachineAndHttpsInAnyCaseAreShown(String address) {
		this.world.server.device().answer().put("verification_uri", address);
		assertThat(this.world.authorize().userCode().verificationUri()).hasToString(address);
	}

	@Test
	void userCodeLosesWhatATerminalWouldObey() {
		this.world.server.device().answer().put("user_code", "AB\u001b[31mCD\r\n\u200b-EF\u0000GH");
		assertThat(this.world.authorize().userCode().userCode()).isEqualTo("AB[31mCD-EFGH");
	}

	@ParameterizedTest
	@ValueSource(strings = { "device_code", "user_code", "verification_uri" })
	void answerWithoutWhatALoginNeedsIsRefusedWithASentence(String member) {
		this.world.server.device().answer().remove(member);
		assertThatExceptionOfType(TokenRequestException.class).isThrownBy(this.world::authorize)
			.withMessageContaining("The device authorization response has no " + member);
	}

	@Test
	void errorUnderStatus200IsAnError() {
		this.world.server.enqueue(Endpoint.DEVICE_AUTHORIZATION,
				Answer.error(200, "unauthorized_client", "The client is not known"));
		assertThatExceptionOfType(TokenRequestException.class).isThrownBy(this.world::authorize)
			.withMessageContaining("unauthorized_client: The client is not known");
	}

	@Test
	void keycloaksRefusalOfTheGrantIsPassedOn() {
		this.world.server.register(FakeClient.publicClient("cli").withoutDeviceGrant());
		assertThatExceptionOfType(TokenRequestException.class).isThrownBy(this.world::authorize)
			.satisfies((ex) -> assertThat(ex.errorCode()).isEqualTo("unauthorized_client"))
			.withMessageContaining("The flow is disabled for the client.");
	}

	@ParameterizedTest
	@ValueSource(strings = { "<html>Bad gateway</html>", "", "[]", "\"text\"", "{\"device_code\":" })
	void answerThatIsNoJsonObjectIsTransient(String body) {
		this.world.server.enqueue(Endpoint.DEVICE_AUTHORIZATION, Answer.text(200, "text/html", body));
		assertThatExceptionOfType(TokenRequestException.class).isThrownBy(this.world::authorize).satisfies((ex) -> {
			assertThat(ex.kind()).isEqualTo(FailureKind.TRANSIENT);
			assertThat(ex.isProtocolError()).isFalse();
			assertThat(ex.getMessage()).doesNotContain("<html");
		});
	}

	@Test
	void textShowsNeitherDeviceCodeNorVerifier() {
		DeviceAuthorization authorization = this.world.authorize();
		assertThat(authorization.codeVerifier()).isNotNull();
		assertThat(authorization.toString()).contains(authorization.userCode().userCode())
			.doesNotContain(authorization.deviceCode(), authorization.codeVerifier().value());
	}

	@Test
	void lostAnswerIsNotAskedForTwice() {
		this.world.server.enqueue(Endpoint.DEVICE_AUTHORIZATION, Answer.normally().dropped());
		assertThatExceptionOfType(AuthorizationServerUnreachableException.class).isThrownBy(this.world::authorize);
		assertThat(this.world.server.requests()).hasSize(1);
	}

}
