package io.github.oauth2pkce.bearer;

import java.util.Base64;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.discovery.ResourceDemand;

import static org.assertj.core.api.Assertions.assertThat;

class BearerChallengeTests {

	private static List<BearerChallenge> parse(String... values) {
		return BearerChallenge.parse(List.of(values));
	}

	private static BearerChallenge only(String value) {
		List<BearerChallenge> challenges = parse(value);
		assertThat(challenges).as(value).hasSize(1);
		return challenges.get(0);
	}

	/** Whatever is not linear takes minutes here, of an event loop perhaps. */
	@ParameterizedTest
	@Timeout(10)
	@ValueSource(strings = { "x=(|a", "|'", "|'=", "|= '", "x=\"|a\\\"", "|x=(a ", "x=|\"a\"b", "x=1 |x=", "|x=y ",
			"x=1 (| ", "x=' |'", "x|=" })
	void readsALongValueInLinearTime(String repeated) {
		String[] parts = repeated.split("[|]");
		assertThat(parse("Bearer " + parts[0] + parts[1].repeat(400_000))).hasSizeLessThan(2);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', value = {
			"Bearer error=\"insufficient_scope\", scope=\"files:read files:write\" | files:read files:write",
			"Bearer error=\"insufficient_scope\", ScOpE = \"files:read\" | files:read",
			"Bearer scope=\"read:data\", error=\"insufficient_scope\" | read:data",
			"Bearer error=\"insufficient_scope\", scope=read | read",
			"Bearer error=\"insufficient_scope\", scope=\"files:read\\ files:write\" | files:read files:write",
			"Bearer error=\"insufficient_scope\", error_description=\"scope=admin, not \\\"root\\\"\", scope=\"a\" | a",
			"Basic realm=\"example\", Bearer error=\"insufficient_scope\", scope=\"files:read\" | files:read",
			"Newauth scope=\"wrong\", Bearer error=\"insufficient_scope\", scope=\"files:read\" | files:read",
			"Basic QWxhZGRpbg==, Bearer error=\"insufficient_scope\", scope=\"a\" | a",
			"Negotiate, Bearer error=\"insufficient_scope\", scope=\"a\", Digest scope=\"b\" | a",
			"bearer\terror=insufficient_scope; scope=\"a\" | a",
			", ,Bearer error=\"insufficient_scope\",, scope=\"a\", | a" })
	void readsErrorAndScope(String value, String scope) {
		BearerChallenge challenge = only(value);
		assertThat(challenge.error()).isEqualTo("insufficient_scope");
		assertThat(challenge.demand().scopes()).containsExactly(scope.split(" "));
	}

	@ParameterizedTest
	@ValueSource(strings = { "scope=", "scope=\"\"", "scope=\"read\\\"write\"", "scope=\"read\\\\write\"",
			"scope=\"read  write\"", "scope=\" read\"", "scope=read:data", "scope=files:read files:write",
			"scope=read=value", "scope=\"read\", scope=\"write\"", "scope=\"read\", SCOPE=\"read\"",
			"scope=\"read\"write", "scope=\"caf\u00e9\"", "scope=\"a\tb\"" })
	void keepsTheChallengeWithoutAScopeThatIsMalformedOrSaidTwice(String scope) {
		BearerChallenge challenge = only("Bearer error=\"insufficient_scope\", " + scope);
		assertThat(challenge.error()).isEqualTo("insufficient_scope");
		assertThat(challenge.demand().scopes()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "error=", "error=\"\"", "error=\"invalid_token\", error=\"invalid_token\"",
			"error=\"invalid_token\", Error=invalid_token", "error=invalid:token", "error=\"invalid\\\"token\"",
			"error=\"invalid_token\"x", "error=invalid_token now", "error=\"invalid\u0007token\"" })
	void doesNotRecogniseAChallengeWithAnErrorThatIsMalformedOrSaidTwice(String error) {
		assertThat(parse("Bearer realm=\"x\", " + error)).isEmpty();
		assertThat(parse("Bearer " + error)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "Bearer error_description=\"request scope=admin\"", "Bearer resource_scope=\"admin\"",
			"Bearer \"scope=admin\"", "Bearer realm=\"error=\\\"invalid_token\\\"\"", "Bearer", "Bearer abc==" })
	void ignoresErrorAndScopeOutsideOfTheirParameters(String value) {
		assertThat(only(value)).isEqualTo(new BearerChallenge(null, ResourceDemand.NONE));
	}

	@ParameterizedTest
	@ValueSource(strings = { "Bearer error_description=\"unterminated scope=admin",
			"Bearer error=\"invalid_token\", realm=\"x", "Bearer error=\"invalid_token\", realm=\"x\\\"",
			"Bearer error=\"invalid_token", "error=\"invalid_token\"", "", "   ", ",", "=", "\"Bearer\"",
			"B\u00e9arer error=\"invalid_token\"", "Bearer=x", "Bearererror=\"invalid_token\"" })
	void findsNothingInWhatIsNoListOfChallenges(String value) {
		assertThat(parse(value)).isEmpty();
	}

	@Test
	void looksAtAllHeaderValues() {
		assertThat(parse("Basic realm=\"example\"", "Bearer error=\"insufficient_scope\", scope=\"files:read\""))
			.containsExactly(new BearerChallenge("insufficient_scope",
					new ResourceDemand(true, Set.of("files:read"), null, null, null, null)));
	}

	@Test
	void readsOtherValuesWhenOneIsBroken() {
		assertThat(parse("Bearer error=\"invalid", "Bearer error=\"invalid_token\"")).hasSize(1);
	}

	@Test
	void findsSeveralBearerChallenges() {
		assertThat(parse("Bearer realm=\"a\", Bearer error=\"invalid_token\"")).containsExactly(
				new BearerChallenge(null, ResourceDemand.NONE),
				new BearerChallenge("invalid_token", ResourceDemand.NONE));
	}

	@Test
	void keepsTheOrderOfScopes() {
		assertThat(only("Bearer scope=\"z y x a z\"").demand().scopes()).containsExactly("z", "y", "x", "a");
	}

	@ParameterizedTest
	@ValueSource(strings = { "Bearer error=\"invalid_token\"",
			"Basic realm=\"example\", Bearer error=\"invalid_token\"", "BEARER error=invalid_token",
			"Bearer realm=\"a, b\", error=\"invalid_token\", error_description=\"c\"",
			"DPoP algs=\"ES256\", Bearer error=\"invalid_\\token\"" })
	void detectsInvalidToken(String value) {
		assertThat(BearerChallenge.isInvalidToken(parse(value))).isTrue();
	}

	/**
	 * What only describes is read liberally: the worst that can come of it is a refresh.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "Bearer realm=\"x\" error=\"invalid_token\" error_description=\"The token has ended\"",
			"Bearer realm=\"x\"error=\"invalid_token\"error_description=\"The token\"",
			"Bearer realm='x', error='invalid_token', error_description='It is not, any more'",
			"Bearer error_description='one, two' error='invalid_token'", "Bearer error='invalid_token'",
			"Bearer realm=x error=invalid_token", "Bearer realm = \"x\"  error = \"invalid_token\"",
			"Bearer, realm=\"x\" error=\"invalid_token\"",
			"Bearer error=\"invalid_token\", error_description=\"The \"x\" has ended\"",
			"Bearer realm=O'Neil, error=\"invalid_token\"" })
	void detectsInvalidTokenInDialects(String value) {
		assertThat(BearerChallenge.isInvalidToken(parse(value))).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "Bearer realm=\"example\"", "Bearer error=\"insufficient_scope\"",
			"Basic error=\"invalid_token\"", "Bearer error=\"INVALID_TOKEN\"",
			"Bearer error_description=\"error=invalid_token\"", "Bearer realm=\"x\", Basic error=\"invalid_token\"" })
	void detectsOnlyInvalidTokenOfABearerChallenge(String value) {
		assertThat(BearerChallenge.isInvalidToken(parse(value))).isFalse();
	}

	/** Everything that a login has to bring, beside the scope. */
	@Test
	void readsWhatALoginHasToBring() {
		ResourceDemand demand = only("Bearer error=\"insufficient_user_authentication\","
				+ " error_description=\"A different authentication level is required\", acr_values=\"gold silver\","
				+ " max_age=\"300\", resource_metadata=\"https://api.example.com/.well-known/x\"")
			.demand();
		assertThat(demand).isEqualTo(
				new ResourceDemand(true, Set.of(), "gold silver", 300L, null, "https://api.example.com/.well-known/x"));
	}

	/** As Entra sends it: base64, with padding and without, in either alphabet. */
	@ParameterizedTest
	@ValueSource(strings = { "eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19",
			"eyJhY2Nlc3NfdG9rZW4iIDogeyJhY3JzIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiJjMSJ9fX0=",
			"eyJhY2Nlc3NfdG9rZW4iIDogeyJhY3JzIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiJjMSJ9fX0",
			"{\\\"access_token\\\":{\\\"acrs\\\":{\\\"essential\\\":true,\\\"value\\\":\\\"c1\\\"}}}" })
	void readsClaims(String claims) {
		BearerChallenge challenge = only("Bearer realm=\"\", error=\"insufficient_claims\", claims=\"" + claims + "\"");
		assertThat(challenge.isInsufficient()).isTrue();
		assertThat(challenge.demand().claims())
			.isEqualTo("{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"c1\"}}}");
	}

	/** As Microsoft documents it for Graph, and the examples of RFC 9470 and RFC 9728. */
	@Test
	void readsTheChallengesThatAreDocumented() {
		assertThat(only(
				"Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\","
						+ " client_id=\"00000003-0000-0000-c000-000000000000\", errorDescription=\"Continuous access evaluation"
						+ " resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp\","
						+ " error=\"insufficient_claims\","
						+ " claims=\"eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwgInZhbHVlIjoiMTYwNDEwNjY1MSJ9fX0=\"")
			.demand())
			.isEqualTo(new ResourceDemand(true, Set.of(), null, null,
					"{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1604106651\"}}}", null));
		assertThat(only("Bearer error=\"insufficient_user_authentication\","
				+ " error_description=\"A different authentication level is required\", acr_values=\"myACR\"")
			.demand()).isEqualTo(new ResourceDemand(true, Set.of(), "myACR", null, null, null));
		assertThat(only("Bearer error=\"insufficient_user_authentication\","
				+ " error_description=\"More recent authentication is required\", max_age=\"5\"")
			.demand()).isEqualTo(new ResourceDemand(true, Set.of(), null, 5L, null, null));
		assertThat(only(
				"Bearer resource_metadata=" + "\"https://resource.example.com/.well-known/oauth-protected-resource\"")
			.demand()
			.resourceMetadata()).isEqualTo("https://resource.example.com/.well-known/oauth-protected-resource");
	}

	@Test
	void readsClaimsOfEitherAlphabet() {
		for (String claims : List.of("eyJhIjoi8J+YgD8/PyJ9", "eyJhIjoi8J-YgD8_PyJ9")) {
			assertThat(only("Bearer error=\"insufficient_claims\", claims=\"" + claims + "\"").demand().claims())
				.isEqualTo("{\"a\":\"\\uD83D\\uDE00???\"}");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "acr_values=", "acr_values=\"\"", "acr_values=\" \"", "acr_values=a, acr_values=b",
			"acr_values=\"a\u001b[2J\"", "acr_values=\"a\\\"b\"", "max_age=", "max_age=-1", "max_age=1.5",
			"max_age=ten", "max_age=\"99999999999999999999\"", "max_age=1, MAX_AGE=1", "max_age=\"\u0661\"",
			"claims=\"\"", "claims=\"e30\"", "claims=\"W10\"", "claims=\"eyJh\"", "claims=\"!\"", "claims=\"{}x\"",
			"claims=\"eyJhIjoxfXt9\"", "claims=\"eyJhIjoxfQ\", claims=\"eyJhIjoxfQ\"", "resource_metadata=\"\"",
			"resource_metadata=https://x", "resource_metadata=a, resource_metadata=b" })
	void keepsTheChallengeWithoutAParameterThatIsMalformedOrSaidTwice(String parameter) {
		assertThat(only("Bearer error=\"insufficient_user_authentication\", " + parameter).demand())
			.isEqualTo(new ResourceDemand(true, Set.of(), null, null, null, null));
	}

	@Test
	void keepsNoClaimsOfAMegabyteNorADeepOne() {
		String large = Base64.getEncoder().encodeToString(("{\"a\":\"" + "x".repeat(1 << 20) + "\"}").getBytes());
		assertThat(only("Bearer claims=\"" + large + "\"").demand().claims()).isNull();
		String deep = Base64.getEncoder().encodeToString(("{\"a\":" + "[".repeat(8000)).getBytes());
		assertThat(only("Bearer claims=\"" + deep + "\"").demand().claims()).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "insufficient_user_authentication", "insufficient_claims" })
	void aLoginThatIsNotGoodEnoughIsNoInvalidTokenEvenIfBothAreSaid(String error) {
		assertThat(BearerChallenge.isInvalidToken(parse("Bearer error=\"" + error + "\""))).isFalse();
		assertThat(
				BearerChallenge.isInvalidToken(parse("Bearer error=\"invalid_token\", Bearer error=\"" + error + "\"")))
			.isFalse();
		assertThat(
				BearerChallenge.isInvalidToken(parse("Bearer error=\"" + error + "\"", "Bearer error=invalid_token")))
			.isFalse();
	}

	@Test
	void addsUpWhatAllChallengesOfAnAnswerDemand() {
		assertThat(BearerChallenge.demand(parse("Bearer scope=\"read\", resource_metadata=\"https://x\"",
				"Bearer error=\"insufficient_scope\", scope=\"write\"")))
			.isEqualTo(new ResourceDemand(true, Set.of("read", "write"), null, null, null, "https://x"));
	}

}
