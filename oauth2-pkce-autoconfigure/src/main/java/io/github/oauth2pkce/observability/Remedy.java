package io.github.oauth2pkce.observability;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ErrorCodes;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.discovery.ResourceDemand;
import io.github.oauth2pkce.login.Login.Shown;
import io.github.oauth2pkce.refresh.CredentialStatus;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.token.ClientAdvice;
import io.github.oauth2pkce.token.FailureKind;

import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.util.StringUtils;

/**
 * What a person should do, by state and kind of credential; never a wrong advice: nobody
 * is sent to log in where nobody can, or where it would not help.
 */
final class Remedy {

	private static final String ALWAYS = "oauth2.pkce.login.on-startup=always";

	private static final String UNRESTRICTED = "management.endpoint.oauth2providers.access=unrestricted";

	private final Provider provider;

	private final LoginEntryPoints ways;

	private final boolean rejected;

	private final ResourceDemand missing;

	/**
	 * Creates the adviser.
	 * @param provider the provider
	 * @param ways how a person can log in here
	 * @param rejected whether the refresh token is remembered as rejected, since whatever
	 * start
	 * @param missing what resources demand that the login is not good for
	 */
	Remedy(Provider provider, LoginEntryPoints ways, boolean rejected, ResourceDemand missing) {
		this.provider = provider;
		this.ways = ways;
		this.rejected = rejected;
		this.missing = missing;
	}

	/**
	 * The advice where everybody may look: without the code of a login that runs.
	 * @param status what is known about the credential
	 * @param loginError why the last login failed, {@code null} when it did not
	 * @param running whether a login runs
	 * @param shown a code on display, {@code null} when there is none
	 * @return a sentence, {@code null} when there is nothing to do
	 */
	@Nullable String withoutCode(CredentialStatus status, @Nullable String loginError, boolean running, @Nullable Shown shown) {
		if (shown != null && this.provider.principal() != PrincipalKind.CURRENT_USER) {
			return "Open " + shown.userCode().verificationUri()
					+ " and enter the code, which is on the console, in the log and at the endpoint oauth2providers";
		}
		return of(status, loginError, running, shown);
	}

	/**
	 * The advice.
	 * @param status what is known about the credential
	 * @param loginError why the last login failed, {@code null} when it did not
	 * @param running whether a login runs
	 * @param shown a code on display, {@code null} when there is none
	 * @return a sentence, {@code null} when there is nothing to do
	 */
	@Nullable String of(CredentialStatus status, @Nullable String loginError, boolean running, @Nullable Shown shown) {
		if (this.provider.principal() == PrincipalKind.CURRENT_USER) {
			return this.missing.insufficient() ? demand() + ". " + ofUsers() : ofUsers();
		}
		if (shown != null) {
			return "Open " + shown.userCode().verificationUri() + " and enter the code " + shown.userCode().userCode();
		}
		if (running) {
			// Where the grant is open, it has not been chosen yet.
			return (this.provider.grant() == Grant.AUTHORIZATION_CODE && !this.provider.grantOpen())
					? "Finish the login in the browser on the application's machine"
					: "Wait for the " + (this.provider.grantOpen() ? "page or the " : "")
							+ "code of the login that has just begun";
		}
		if (!this.provider.grant().needsPerson()) {
			return and(this.missing.insufficient() ? ofMachineThatNeedsMore() : null, ofMachine(status));
		}
		return switch (status.state()) {
			case UNKNOWN -> "Make the token store readable: the log names the problem (event oauth2_store_failed);"
					+ " or forget the login and log in again";
			case LOGIN_REQUIRED -> logIn("Log in: ", loginError);
			case REAUTHENTICATION_REQUIRED -> logIn("Log in again: ", loginError) + codeToList(status);
			case AUTHORIZED ->
				and(this.missing.insufficient() ? logInForMore(status.scopesGranted()) : null, refreshing(status));
		};
	}

	/**
	 * The advice to whoever wonders why a request had no bearer.
	 * @param reason why it had none
	 * @param advice what the provider's state asks for, {@code null} for nothing
	 * @return a sentence
	 */
	String of(SkipReason reason, @Nullable String advice) {
		return switch (reason) {
			case USER_SET -> "Nothing to do: the application's own Authorization header was sent";
			case ORIGIN_NOT_ALLOWED -> "If the bearer belongs there, add the address to "
					+ this.provider.property("base-urls") + ", else do not ask for it";
			case INSECURE_TRANSPORT ->
				"Call that address by https: a bearer is not sent over plain http to another machine"
						+ (this.provider.tokens().dpop()
								? ". Or use another client than gRPC: a token that is bound to a key ("
										+ this.provider.property("dpop")
										+ ") is not sent by a client that cannot prove the key"
								: "");
			case NO_TOKEN, REAUTHENTICATION_REQUIRED, EMPTY_TOKEN, REFRESH_FAILED, REFRESH_BACKOFF, STORE_ERROR,
					LOCK_TIMEOUT ->
				(advice != null) ? advice : "Nothing to do: it is tried again";
		};
	}

	private static @Nullable String and(@Nullable String first, @Nullable String second) {
		return (first == null || second == null) ? ((first != null) ? first : second) : first + ". " + second;
	}

	/**
	 * The demand in words. What a resource calls it is capped, and was printable before.
	 */
	private String demand() {
		List<String> parts = new ArrayList<>();
		String scopes = ServerText.printable(String.join(" ", this.missing.scopes()), 300);
		if (!scopes.isEmpty()) {
			parts.add(((this.missing.scopes().size() == 1) ? "the scope " : "the scopes ") + scopes);
		}
		if (this.missing.acrValues() != null) {
			parts.add("acr_values " + ServerText.printable(this.missing.acrValues()));
		}
		if (this.missing.maxAge() != null) {
			parts.add("max_age " + this.missing.maxAge());
		}
		if (this.missing.claims() != null) {
			parts.add("claims");
		}
		return "A resource demands " + (parts.isEmpty() ? "more, and does not say what"
				: StringUtils.collectionToDelimitedString(parts, " and "));
	}

	/** A server grants a scope that it has granted before; a login changes nothing. */
	private String logInForMore(Set<String> granted) {
		if (this.missing.isMetBy(granted)) {
			return demand() + ", which this login has: allow the person there what they try to do";
		}
		if (this.missing.isEmpty()) {
			return demand() + ": find out which scope it needs, and add it to " + this.provider.property("scope")
					+ "; then log in again: " + (this.ways.isWeb() ? wayInTheWeb() : wayWithoutALogin());
		}
		return demand() + ". Log in again: " + (this.ways.isWeb() ? wayInTheWeb()
				: "call Logins.logIn(\"" + this.provider.id()
						+ "\") in the application's own code; or add what is demanded to "
						+ this.provider.property(this.missing.scopes().isEmpty() ? "additional-parameters" : "scope")
						+ ", " + wayWithoutALogin());
	}

	private String wayInTheWeb() {
		return isBrowserLogin() ? way() : post();
	}

	/** While there is a login, a start asks nobody, and has forgotten the demand. */
	private String wayWithoutALogin() {
		return "forget the login, and " + restart("on a terminal");
	}

	private String ofMachineThatNeedsMore() {
		return demand() + ". Allow this client more at the server"
				+ (this.missing.scopes().isEmpty() ? "" : ", and add it to " + this.provider.property("scope"));
	}

	private boolean isBrowserLogin() {
		// What is found out at run time has no page of Spring Security's.
		return this.provider.grant() == Grant.AUTHORIZATION_CODE && !this.provider.isOpen();
	}

	private String ofUsers() {
		if (this.provider.grant().needsForeignToken()) {
			return ForeignTokenRemedy.ofUsers(this.provider);
		}
		if (this.ways.isCommand()) {
			return "Each user logs in for themselves, in the application";
		}
		String page = this.ways.browserLogin();
		if (isBrowserLogin()) {
			return (page != null) ? "Each user logs in at " + page + "/" + this.provider.id() : noBrowserLogin();
		}
		return "Each user logs in for themselves, when the application's own code starts it";
	}

	/** Another try would end like the last, unless something is changed first. */
	private String logIn(String logIn, @Nullable String loginError) {
		String change = (loginError != null) ? change(loginError) : null;
		return (change != null) ? change + ". Then log in: " + way() : logIn + way();
	}

	private @Nullable String ofMachine(CredentialStatus status) {
		String error = status.lastError();
		if (error == null) {
			return null;
		}
		return ofFailure(error, ", and acquiring a token is tried again");
	}

	private @Nullable String refreshing(CredentialStatus status) {
		String error = status.lastError();
		if (this.rejected || status.lastOutcome() == RefreshOutcome.REJECTED) {
			return "Log in again before the access token ends, the server will not renew it: " + way()
					+ codeToList(status);
		}
		if (error == null) {
			return null;
		}
		if (Problem.of(error) == Problem.REGISTRATION_FAILED) {
			return "Log in again, which registers this application with its present key: " + way()
					+ "; or put the key back by which the server knows it";
		}
		return ofFailure(error, "; the login is kept, and refreshing is tried again");
	}

	private String ofFailure(String error, String meanwhile) {
		if (Problem.of(error) == Problem.STORE_ERROR) {
			return "Make the token store writable; a new token is kept in memory until then";
		}
		String foreign = ForeignTokenRemedy.of(this.provider, error);
		if (foreign != null) {
			return foreign;
		}
		String passing = passing(error);
		return (passing != null) ? "Nothing to do: " + passing + meanwhile : check(error);
	}

	/** Three such answers were one rejection; one would do, if it always means that. */
	private String codeToList(CredentialStatus status) {
		String error = status.lastError();
		if (!this.rejected || error == null || Problem.of(error) == Problem.STORE_ERROR || passing(error) != null
				|| this.provider.tokens().rejectedErrorCodes().contains(error)) {
			return "";
		}
		return ". If " + error + " is this server's name for a dead refresh token, add it to "
				+ this.provider.property("refresh.rejected-error-codes");
	}

	/** What passes by itself, {@code null} for everything else. */
	private static @Nullable String passing(String error) {
		Problem problem = Problem.of(error);
		if (problem != null) {
			return problem.passes() ? passing(problem) : null;
		}
		int status = FailureKind.status(error);
		if (status != 0) {
			// A gateway's, mostly, without a word of the server's.
			return FailureKind.isTransient(status) ? "the authorization server answered HTTP " + status : null;
		}
		return switch (error) {
			case OAuth2ErrorCodes.SERVER_ERROR -> "the authorization server failed";
			case OAuth2ErrorCodes.TEMPORARILY_UNAVAILABLE -> "the authorization server is unavailable for a while";
			case ErrorCodes.SLOW_DOWN -> "the authorization server asks for fewer requests";
			case ErrorCodes.AUTHORIZATION_PENDING -> "the authorization server is not ready";
			default -> null;
		};
	}

	private static String passing(Problem problem) {
		return switch (problem) {
			case UNREACHABLE -> "the authorization server cannot be reached";
			case TIMEOUT -> "the authorization server did not answer in time";
			case INTERRUPTED -> "the refresh was interrupted";
			case DISCOVERY_FAILED -> "the metadata of the authorization server cannot be read";
			case INVALID_TOKEN_RESPONSE -> "the authorization server's answer was no token";
			case EMPTY_TOKEN -> "the authorization server's answer had an empty token";
			case LOCK_TIMEOUT -> "another process keeps this login locked";
			case LOCK_LOST -> "another process took over while the refresh was running";
			case SUBJECT_TOKEN_UNAVAILABLE -> "the foreign token to show to the server cannot be read just now";
			default -> "something failed that should not; the log has it";
		};
	}

	private String check(String error) {
		String change = change(error);
		return (change != null) ? change
				: "Check " + this.provider.property("client-id") + ", " + this.provider.property("client-secret") + ", "
						+ this.provider.property("scope") + " and " + this.provider.property("resource")
						+ ": the server answered " + error;
	}

	/** What to change when the server refuses the client, and not the person. */
	@Nullable String change(String error) {
		return change(error, "");
	}

	/** The same, where the server's words are known. */
	@Nullable String change(String error, String words) {
		String advice = ClientAdvice.ofWords(this.provider, words);
		advice = (advice != null) ? advice : ClientAdvice.of(this.provider, error);
		return (advice != null) ? StringUtils.capitalize(advice) + ": the server answered " + error : null;
	}

	private String way() {
		if (isBrowserLogin()) {
			String page = this.ways.browserLogin();
			if (page != null) {
				// Of no use to the application's own credential: no visitor can make
				// that.
				return "open " + page + "/" + this.provider.id() + " in a browser, with "
						+ this.provider.property("principal") + "=current-user: such a login is its user's";
			}
			return this.ways.isWeb() ? noBrowserLogin() : restart("on a terminal of a machine with a browser");
		}
		if (!this.ways.isWeb()) {
			return restart("on a terminal");
		}
		if (this.ways.endpoint() == null) {
			return restart(null) + "; or " + post();
		}
		return this.ways.isEndpointUnrestricted() ? post() : post() + "; or " + restart(null);
	}

	private String post() {
		if (this.ways.endpoint() == null) {
			return "expose the endpoint (management.endpoints.web.exposure.include=oauth2providers, " + UNRESTRICTED
					+ ") and POST to it";
		}
		return "curl -X POST " + this.ways.endpoint() + "/" + this.provider.id() + (this.ways.isEndpointUnrestricted()
				? " answers with a page and a code" : ", once " + UNRESTRICTED + " is set");
	}

	/** What has been set already need not be set. */
	private String restart(@Nullable String where) {
		if (this.ways.isCommand()) {
			return "run this application with --oauth2.pkce.command=login " + this.provider.id();
		}
		return switch (this.ways.onStartup()) {
			case "always" -> "restart";
			case "never" -> "restart with " + ALWAYS;
			default -> "restart " + ((where != null) ? where + ", or " : "") + "with " + ALWAYS;
		};
	}

	static String noBrowserLogin() {
		return "this application has no browser logins; add spring-boot-starter-security-oauth2-client,"
				+ " or use device_code";
	}

}
