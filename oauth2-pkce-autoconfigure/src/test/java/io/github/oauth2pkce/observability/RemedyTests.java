package io.github.oauth2pkce.observability;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ProviderBuilder;
import io.github.oauth2pkce.Provider.Assertion;
import io.github.oauth2pkce.Provider.Exchange;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.discovery.ResourceDemand;
import io.github.oauth2pkce.login.Login.Shown;
import io.github.oauth2pkce.refresh.CredentialStatus;
import io.github.oauth2pkce.refresh.RefreshOutcome;

import static org.assertj.core.api.Assertions.assertThat;

/** Every state of every kind of credential, and what a person is told to do. */
class RemedyTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-", quoteCharacter = '"',
			textBlock = """
					device  | cli        | LOGIN_REQUIRED            | Log in: restart on a terminal, or with oauth2.pkce.login.on-startup=always
					device  | cli        | REAUTHENTICATION_REQUIRED | Log in again: restart on a terminal, or with oauth2.pkce.login.on-startup=always
					device  | cli        | AUTHORIZED                | -
					device  | hidden     | LOGIN_REQUIRED            | Log in: restart with oauth2.pkce.login.on-startup=always; or expose the endpoint (management.endpoints.web.exposure.include=oauth2providers, management.endpoint.oauth2providers.access=unrestricted) and POST to it
					device  | read-only  | LOGIN_REQUIRED            | Log in: curl -X POST http://localhost:8080/actuator/oauth2providers/acme, once management.endpoint.oauth2providers.access=unrestricted is set; or restart with oauth2.pkce.login.on-startup=always
					device  | endpoint   | LOGIN_REQUIRED            | Log in: curl -X POST http://localhost:8080/actuator/oauth2providers/acme answers with a page and a code
					device  | endpoint   | REAUTHENTICATION_REQUIRED | Log in again: curl -X POST http://localhost:8080/actuator/oauth2providers/acme answers with a page and a code
					device  | endpoint   | AUTHORIZED                | -
					code    | cli        | LOGIN_REQUIRED            | Log in: restart on a terminal of a machine with a browser, or with oauth2.pkce.login.on-startup=always
					code    | cli        | REAUTHENTICATION_REQUIRED | Log in again: restart on a terminal of a machine with a browser, or with oauth2.pkce.login.on-startup=always
					code    | endpoint   | LOGIN_REQUIRED            | Log in: open http://localhost:8080/oauth2/authorization/acme in a browser, with oauth2.pkce.providers.acme.principal=current-user: such a login is its user's
					code    | endpoint   | REAUTHENTICATION_REQUIRED | Log in again: open http://localhost:8080/oauth2/authorization/acme in a browser, with oauth2.pkce.providers.acme.principal=current-user: such a login is its user's
					code    | no-browser | LOGIN_REQUIRED            | Log in: this application has no browser logins; add spring-boot-starter-security-oauth2-client, or use device_code
					code    | endpoint   | AUTHORIZED                | -
					users   | endpoint   | UNKNOWN                   | Each user logs in for themselves, when the application's own code starts it
					web     | endpoint   | UNKNOWN                   | Each user logs in at http://localhost:8080/oauth2/authorization/acme
					web     | no-browser | UNKNOWN                   | this application has no browser logins; add spring-boot-starter-security-oauth2-client, or use device_code
					machine | endpoint   | AUTHORIZED                | -
					""")
	void tellsTheWayThatThereIs(String kind, String ways, AuthorizationState state, @Nullable String remedy) {
		assertThat(of(kind, ways, status(state, null, null))).isEqualTo(remedy);
	}

	@ParameterizedTest
	@ValueSource(strings = { "device", "code" })
	void storeThatCannotBeReadIsNotALoginThatIsMissing(String kind) {
		assertThat(of(kind, "endpoint", status(AuthorizationState.UNKNOWN, null, "store_error")))
			.startsWith("Make the token store readable");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					FILE           | /run/token | Write a token to the file '/run/token', or mount it there
					ENV            | TOKEN      | Set the environment variable 'TOKEN' to a token
					PROVIDER       | company    | Get provider 'company' a token first, whose own remedy says how
					GITHUB_ACTIONS | api://x    | Run this application in a job of GitHub Actions with 'permissions: id-token: write'
					KUBERNETES     | /var/token | Mount a projected service account token as the file '/var/token'
					BEAN           | vault      | Let the bean 'vault' return a token
					CURRENT_USER   | true       | Send requests while a user is signed in with a bearer
					""")
	void machineIsToldWhereItsForeignTokenIsMissing(Source source, String value, String remedy) {
		ForeignToken token = new ForeignToken(source, value, ForeignToken.JWT, "the.property");
		Provider provider = Provider.withId("acme", "app")
			.grant(Grant.TOKEN_EXCHANGE)
			.exchange(new Exchange(token, null, null, null))
			.build();
		assertThat(of(provider, status(AuthorizationState.AUTHORIZED, RefreshOutcome.REFUSED, "subject_token_missing")))
			.isEqualTo(remedy + " (the.property)");
		assertThat(of(provider, status(AuthorizationState.AUTHORIZED, RefreshOutcome.REFUSED, "subject_token_expired")))
			.isEqualTo("Renew the token of " + token.place() + " (the.property), which has ended");
		assertThat(of(provider,
				status(AuthorizationState.AUTHORIZED, RefreshOutcome.TRANSIENT, "subject_token_unavailable")))
			.isEqualTo("Nothing to do: the foreign token to show to the server cannot be read just now, and acquiring a"
					+ " token is tried again");
		assertThat(of(provider,
				status(AuthorizationState.REAUTHENTICATION_REQUIRED, RefreshOutcome.REFUSED, "invalid_grant")))
			.isEqualTo("Check that the server trusts the issuer, the audience and the subject of the token from "
					+ token.place() + " (the.property): the server answered invalid_grant");
	}

	@ParameterizedTest
	@EnumSource
	void whoeverIsMissingItsForeignAssertionIsToldWhere(Grant grant) {
		ForeignToken token = new ForeignToken(Source.KUBERNETES, "/var/token", ForeignToken.JWT, "the.property");
		Provider provider = Provider.withId("acme", "app")
			.grant(grant)
			.assertion(new Assertion(null, null, null, null, null, Duration.ofSeconds(60), token, null))
			.build();
		assertThat(of(provider, status(AuthorizationState.AUTHORIZED, RefreshOutcome.REFUSED, "subject_token_missing")))
			.isEqualTo("Mount a projected service account token as the file '/var/token' (the.property)");
	}

	@ParameterizedTest
	@EnumSource
	void machineIsNeverToldToLogIn(AuthorizationState state) {
		for (String ways : new String[] { "cli", "endpoint" }) {
			assertThat(of("machine", ways, status(state, RefreshOutcome.REJECTED, "invalid_client")))
				.isEqualTo("Check oauth2.pkce.providers.acme.client-id = \"app\" and"
						+ " oauth2.pkce.providers.acme.client-secret: the server answered invalid_client");
			assertThat(of("machine", ways, status(state, RefreshOutcome.TRANSIENT, "unreachable")))
				.isEqualTo("Nothing to do: the authorization server cannot be reached, and acquiring a token is tried"
						+ " again");
			assertThat(of("machine", ways, status(state, RefreshOutcome.PERSIST_FAILED, "store_error")))
				.isEqualTo("Make the token store writable; a new token is kept in memory until then");
			assertThat(of("machine", ways, status(state, null, null))).isNull();
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					TRANSIENT      | unreachable            | Nothing to do: the authorization server cannot be reached; the login is kept
					TRANSIENT      | invalid_token_response | Nothing to do: the authorization server's answer was no token; the login
					TRANSIENT      | http_503               | Nothing to do: the authorization server answered HTTP 503; the login is kept
					TRANSIENT      | http_429               | Nothing to do: the authorization server answered HTTP 429; the login is kept
					TIMEOUT        | timeout                | Nothing to do: the authorization server did not answer in time; the login
					TRANSIENT      | server_error           | Nothing to do: the authorization server failed; the login is kept
					TRANSIENT      | interrupted            | Nothing to do: the refresh was interrupted; the login is kept
					LOCK_TIMEOUT   | lock_timeout           | Nothing to do: another process keeps this login locked; the login is kept
					TRANSIENT      | invalid_client         | Check oauth2.pkce.providers.acme.client-id = "app", and whether the server demands
					TRANSIENT      | unauthorized_client    | Check oauth2.pkce.providers.acme.client-id = "app", and allow it the grant
					TRANSIENT      | invalid_scope          | Change oauth2.pkce.providers.acme.scope = "
					TRANSIENT      | Realm does not exist   | Check oauth2.pkce.providers.acme.token-uri and the other endpoints, which the server does not know
					TRANSIENT      | http_404               | Check oauth2.pkce.providers.acme.token-uri and the other endpoints, which the server does not know
					TRANSIENT      | unsupported_token_type | If the server's token type is just another name for Bearer, add that name to oa
					TRANSIENT      | something_of_its_own   | Check oauth2.pkce.providers.acme.client-id, oauth2.pkce.providers.acme.client-secret,
					REFUSED        | registration_failed    | Log in again, which registers this application with its present key: curl -X POST
					PERSIST_FAILED | store_error            | Make the token store writable
					REJECTED       | invalid_grant          | Log in again before the access token ends
					""")
	void refreshThatFailedWhileTheTokenWorks(RefreshOutcome outcome, String error, String remedy) {
		assertThat(of("device", "endpoint", status(AuthorizationState.AUTHORIZED, outcome, error))).startsWith(remedy);
	}

	/** Also after a restart, which knows the record only, and where nothing was tried. */
	@ParameterizedTest
	@CsvSource({ "REJECTED, http_403", "SUPPRESSED, http_403", "SUPPRESSED,", "," })
	void refreshTokenThatWasRejectedIsNoCaseForTheSettings(@Nullable RefreshOutcome outcome, @Nullable String error) {
		Remedy remedy = remedy("device", "endpoint", true);
		String list = ". If http_403 is this server's name for a dead refresh token, add it to"
				+ " oauth2.pkce.providers.acme.refresh.rejected-error-codes";
		String command = "curl -X POST http://localhost:8080/actuator/oauth2providers/acme answers with a page and a"
				+ " code" + ((error != null) ? list : "");
		assertThat(remedy.of(status(AuthorizationState.AUTHORIZED, outcome, error), null, false, null))
			.isEqualTo("Log in again before the access token ends, the server will not renew it: " + command);
		assertThat(remedy.of(status(AuthorizationState.REAUTHENTICATION_REQUIRED, outcome, error), null, false, null))
			.isEqualTo("Log in again: " + command);
	}

	@ParameterizedTest
	@ValueSource(strings = { "invalid_grant", "store_error", "unreachable" })
	void codeThatIsListedOrTellsOfSomethingElseIsNotToBeListed(String error) {
		assertThat(remedy("device", "endpoint", true)
			.of(status(AuthorizationState.AUTHORIZED, RefreshOutcome.REJECTED, error), null, false, null))
			.doesNotContain("rejected-error-codes");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			always | restart
			never  | restart with oauth2.pkce.login.on-startup=always
			auto   | restart on a terminal, or with oauth2.pkce.login.on-startup=always
			""")
	void settingThatIsSetAlreadyIsNotToBeSet(String onStartup, String way) {
		LoginEntryPoints ways = new LoginEntryPoints() {

			@Override
			public String onStartup() {
				return onStartup;
			}

		};
		assertThat(new Remedy(Provider.withId("acme", "app").build(), ways, false, ResourceDemand.NONE)
			.of(status(AuthorizationState.LOGIN_REQUIRED, null, null), null, false, null)).isEqualTo("Log in: " + way);
	}

	@Test
	void loginThatRunsIsToBeFinishedNotStarted() {
		CredentialStatus status = status(AuthorizationState.LOGIN_REQUIRED, null, null);
		Shown shown = new Shown(new UserCode("acme", "WDJB-MJHT", URI.create("https://login.example/device"), null,
				Duration.ofMinutes(10)), Instant.EPOCH);
		assertThat(remedy("device", "endpoint").of(status, null, true, shown))
			.isEqualTo("Open https://login.example/device and enter the code WDJB-MJHT");
		assertThat(remedy("device", "endpoint").withoutCode(status, null, true, shown))
			.startsWith("Open https://login.example/device and enter the code, which is on the console")
			.doesNotContain("WDJB", "MJHT");
		assertThat(remedy("device", "endpoint").withoutCode(status, null, true, null)).startsWith("Wait");
		assertThat(remedy("users", "endpoint").withoutCode(status, null, true, shown)).startsWith("Each user");
		assertThat(remedy("device", "endpoint").of(status, null, true, null)).startsWith("Wait");
		assertThat(remedy("code", "cli").of(status, null, true, null)).startsWith("Finish the login in the browser");
		assertThat(remedy("open", "cli").of(status, null, true, null)).startsWith("Wait for the page or the code");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					device  | endpoint   | A resource demands the scope admin. Log in again: curl -X POST http://localhost:8080/actuator/oauth2providers/acme answers with a page and a code
					device  | read-only  | A resource demands the scope admin. Log in again: curl -X POST http://localhost:8080/actuator/oauth2providers/acme, once management.endpoint.oauth2providers.access=unrestricted is set
					device  | hidden     | A resource demands the scope admin. Log in again: expose the endpoint (management.endpoints.web.exposure.include=oauth2providers, management.endpoint.oauth2providers.access=unrestricted) and POST to it
					device  | cli        | A resource demands the scope admin. Log in again: call Logins.logIn("acme") in the application's own code; or add what is demanded to oauth2.pkce.providers.acme.scope, forget the login, and restart on a terminal, or with oauth2.pkce.login.on-startup=always
					code    | cli        | A resource demands the scope admin. Log in again: call Logins.logIn("acme") in the application's own code; or add what is demanded to oauth2.pkce.providers.acme.scope, forget the login, and restart on a terminal, or with oauth2.pkce.login.on-startup=always
					web     | endpoint   | A resource demands the scope admin. Each user logs in at http://localhost:8080/oauth2/authorization/acme
					users   | endpoint   | A resource demands the scope admin. Each user logs in for themselves, when the application's own code starts it
					machine | endpoint   | A resource demands the scope admin. Allow this client more at the server, and add it to oauth2.pkce.providers.acme.scope
					""")
	void loginThatIsNotGoodEnoughIsToBeReplacedWhereThatIsPossible(String kind, String ways, String remedy) {
		assertThat(remedy(kind, ways, false, missing(null, null, null, "admin"))
			.of(status(AuthorizationState.AUTHORIZED, null, null), null, false, null)).isEqualTo(remedy);
	}

	@Test
	void saysWhatAResourceDemands() {
		assertThat(stepUp(missing(null, null, null, "a", "b"))).startsWith("A resource demands the scopes a b. Log in");
		assertThat(stepUp(missing("gold silver", 300L, "{\"a\":1}")))
			.startsWith("A resource demands acr_values gold silver and max_age 300 and claims. Log in again: curl");
		assertThat(stepUp(missing(null, null, null)))
			.isEqualTo("A resource demands more, and does not say what: find out which scope it needs, and add it to"
					+ " oauth2.pkce.providers.acme.scope; then log in again: curl -X POST"
					+ " http://localhost:8080/actuator/oauth2providers/acme answers with a page and a code");
	}

	/** Many servers answer so to a person who may not do something. */
	@Test
	void nobodyIsSentToLogInForAScopeThatTheLoginHas() {
		CredentialStatus status = new CredentialStatus(AuthorizationState.AUTHORIZED, true, null, Set.of("admin"), null,
				null, null, null, 0);
		assertThat(
				remedy("device", "endpoint", false, missing(null, null, null, "admin")).of(status, null, false, null))
			.isEqualTo("A resource demands the scope admin, which this login has: allow the person there what they try"
					+ " to do");
		assertThat(
				remedy("device", "endpoint", false, missing("gold", null, null, "admin")).of(status, null, false, null))
			.contains("Log in again");
	}

	@Test
	void aLoginThatIsMissingComesFirstAndADyingOneIsNotForgotten() {
		ResourceDemand missing = missing(null, null, null, "admin");
		assertThat(remedy("device", "endpoint", false, missing)
			.of(status(AuthorizationState.LOGIN_REQUIRED, null, null), null, false, null)).startsWith("Log in: curl");
		assertThat(remedy("device", "endpoint", true, missing).of(status(AuthorizationState.AUTHORIZED, null, null),
				null, false, null))
			.contains("the scope admin. Log in again: curl", ". Log in again before the access token ends");
	}

	private static @Nullable String stepUp(ResourceDemand missing) {
		return remedy("device", "endpoint", false, missing).of(status(AuthorizationState.AUTHORIZED, null, null), null,
				false, null);
	}

	private static ResourceDemand missing(@Nullable String acrValues, @Nullable Long maxAge, @Nullable String claims,
			String... scopes) {
		return new ResourceDemand(true, new LinkedHashSet<>(List.of(scopes)), acrValues, maxAge, claims, null);
	}

	/** Another try would end like the last. */
	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					invalid_scope             | Change oauth2.pkce.providers.acme.scope = "
					invalid_target            | Change oauth2.pkce.providers.acme.resource, or allow this client that resource at the server: the server answered invalid_target. Then log in: curl
					invalid_client            | Check oauth2.pkce.providers.acme.client-id = "app", and whether the server demands oauth2.pkce
					unauthorized_client       | Check oauth2.pkce.providers.acme.client-id = "app", and allow it the grant device_code at
					unsupported_grant_type    | Choose another oauth2.pkce.providers.acme.authorization-grant-type, or enable device_code at
					invalid_request           | Compare oauth2.pkce.providers.acme.pkce, oauth2.pkce.providers.acme.scope and
					redirect_port_unavailable | Choose another oauth2.pkce.providers.acme.redirect-port
					device_flow_disabled      | Enable the device flow for oauth2.pkce.providers.acme.client-id = "app" at the server
					access_denied             | Log in: curl
					expired_token             | Log in: curl
					unreachable               | Log in: curl
					""")
	void loginThatWasRefusedIsNotSimplyTriedAgain(String error, String remedy) {
		assertThat(remedy("device", "endpoint").of(status(AuthorizationState.LOGIN_REQUIRED, null, null), error, false,
				null))
			.startsWith(remedy);
	}

	@ParameterizedTest
	@EnumSource
	void everyReasonForAMissingBearerSaysWhatToDo(SkipReason reason) {
		assertThat(remedy("device", "endpoint").of(reason, null)).isNotBlank();
		String advice = remedy("device", "endpoint").of(reason, "Log in");
		switch (reason) {
			case USER_SET -> assertThat(advice).startsWith("Nothing to do");
			case ORIGIN_NOT_ALLOWED -> assertThat(advice).contains("oauth2.pkce.providers.acme.base-urls");
			case INSECURE_TRANSPORT -> assertThat(advice).contains("https");
			default -> assertThat(advice).isEqualTo("Log in");
		}
	}

	/** Otherwise it reads as if the address were to blame. */
	@Test
	void boundTokenThatAClientCannotProveSaysSo() {
		Provider bound = Provider.withId("acme", "app").dpop(true).build();
		assertThat(new Remedy(bound, new LoginEntryPoints() {
		}, false, ResourceDemand.NONE).of(SkipReason.INSECURE_TRANSPORT, null))
			.contains("oauth2.pkce.providers.acme.dpop", "gRPC", "prove");
	}

	private static @Nullable String of(Provider provider, CredentialStatus status) {
		return new Remedy(provider, new LoginEntryPoints() {
		}, false, ResourceDemand.NONE).of(status, null, false, null);
	}

	private static @Nullable String of(String kind, String ways, CredentialStatus status) {
		return remedy(kind, ways).of(status, null, false, null);
	}

	private static Remedy remedy(String kind, String ways) {
		return remedy(kind, ways, false);
	}

	private static Remedy remedy(String kind, String ways, boolean rejected) {
		return remedy(kind, ways, rejected, ResourceDemand.NONE);
	}

	private static Remedy remedy(String kind, String ways, boolean rejected, ResourceDemand missing) {
		ProviderBuilder provider = Provider.withId("acme", "app");
		switch (kind) {
			case "open" -> provider.grant(Grant.AUTHORIZATION_CODE).grantOpen(true);
			case "code" -> provider.grant(Grant.AUTHORIZATION_CODE);
			case "users" -> provider.principal(PrincipalKind.CURRENT_USER);
			case "web" -> provider.grant(Grant.AUTHORIZATION_CODE).principal(PrincipalKind.CURRENT_USER);
			case "machine" -> provider.grant(Grant.CLIENT_CREDENTIALS).clientSecret("secret");
			default -> provider.grant(Grant.DEVICE_CODE);
		}
		return new Remedy(provider.build(), ways(ways), rejected, missing);
	}

	private static LoginEntryPoints ways(String ways) {
		if (ways.equals("cli")) {
			return LoginEntryPoints.NO_WEB;
		}
		return new LoginEntryPoints() {

			@Override
			public boolean isWeb() {
				return true;
			}

			@Override
			public @Nullable String browserLogin() {
				return ways.equals("no-browser") ? null : "http://localhost:8080/oauth2/authorization";
			}

			@Override
			public @Nullable String endpoint() {
				return ways.equals("hidden") ? null : "http://localhost:8080/actuator/oauth2providers";
			}

			@Override
			public boolean isEndpointUnrestricted() {
				return ways.equals("endpoint");
			}

		};
	}

	private static CredentialStatus status(AuthorizationState state, @Nullable RefreshOutcome outcome,
			@Nullable String error) {
		return new CredentialStatus(state, false, null, Set.of(), null, outcome, error, null, 0);
	}

}
