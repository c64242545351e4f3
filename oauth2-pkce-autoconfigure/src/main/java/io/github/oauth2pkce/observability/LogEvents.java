package io.github.oauth2pkce.observability;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.slf4j.event.Level;

import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.bearer.RecoveryOutcome;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.LoginListener;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.store.CredentialId;

import org.springframework.util.StringUtils;

/**
 * Writes what happens to the log, as a sentence with key/value pairs, which Boot's
 * structured logging makes JSON fields. Never a token, code, verifier, state or secret; a
 * user code is meant to be read.
 */
public final class LogEvents implements BearerListener, RefreshListener, LoginListener {

	private final Providers providers;

	private final Supplier<ProviderReports> reports;

	private final Set<String> proofsRefused = ConcurrentHashMap.newKeySet();

	/**
	 * Creates the listener.
	 * @param providers the providers
	 * @param reports what a person should do; a supplier, because credentials tell this
	 * listener what happens
	 */
	public LogEvents(Providers providers, Supplier<ProviderReports> reports) {
		this.providers = providers;
		this.reports = reports;
	}

	@Override
	public void propagated(String providerId) {
		if (EventLog.isDebugEnabled()) {
			EventLog.at(Level.DEBUG, "oauth2_bearer_propagated", providerId)
				.log("Request sent with the bearer of '{}'", providerId);
		}
	}

	@Override
	public void skipped(String providerId, SkipReason reason) {
		if (EventLog.isDebugEnabled()) {
			EventLog.at(Level.DEBUG, "oauth2_bearer_propagation_skipped", providerId)
				.with("reason", reason.tag())
				.log("Request without the bearer of '{}': {}", providerId, reason.tag());
		}
	}

	@Override
	public void unauthorized(String providerId, RecoveryOutcome recovery) {
		if (recovery == RecoveryOutcome.PROOF_REFUSED) {
			// Every request may be refused so: said once, and counted.
			EventLog
				.at(this.proofsRefused.add(providerId) ? Level.WARN : Level.DEBUG, "oauth2_unauthorized", providerId)
				.with("outcome", recovery.tag())
				.log("A resource refused the proof of '{}' (RFC 9449), and not its token. Check whether a proxy removes"
						+ " the header DPoP, sends requests twice, or changes their address without saying so"
						+ " (X-Forwarded-*); whether the clocks differ; and how many proofs of one key the resource takes",
						providerId);
			return;
		}
		EventLog.at(Level.DEBUG, "oauth2_unauthorized", providerId)
			.with("outcome", recovery.tag())
			.log("A resource refused the bearer of '{}': {}", providerId, recovery.tag());
	}

	@Override
	public void refreshed(Refresh refresh) {
		String providerId = refresh.id().providerId();
		String outcome = refresh.outcome().tag();
		if (refresh.outcome() == RefreshOutcome.REFRESHED || refresh.outcome() == RefreshOutcome.ADOPTED) {
			EventLog.at(Level.DEBUG, "oauth2_refresh_success", providerId)
				.with("outcome", outcome)
				.with("trigger", refresh.trigger().tag())
				.log("The token of '{}' was {} ({})", providerId, outcome, refresh.trigger().tag());
			return;
		}
		// A dead login is told once, when the server says so, not at every request.
		Level level = (refresh.outcome() == RefreshOutcome.SUPPRESSED) ? Level.DEBUG : Level.WARN;
		EventLog.at(level, "oauth2_refresh_failed", providerId)
			.with("outcome", outcome)
			.with("trigger", refresh.trigger().tag())
			.with("error", refresh.errorCode())
			.with("status", refresh.status())
			.log("The token of '{}' was not refreshed ({}): {}; {}", providerId, outcome, reason(refresh),
					next(refresh));
	}

	private static String reason(Refresh refresh) {
		if (refresh.reason() != null) {
			return refresh.reason();
		}
		String code = String.valueOf(refresh.errorCode());
		return (refresh.status() != 0) ? "HTTP " + refresh.status() + " " + code : code;
	}

	/** When it is tried again, or what a person should do. */
	private String next(Refresh refresh) {
		Provider provider = this.providers.get(refresh.id().providerId());
		ProviderReports reports = this.reports.get();
		if (refresh.outcome() == RefreshOutcome.REJECTED && provider.grant().needsPerson()) {
			String remedy = reports.remedy(provider);
			return (remedy != null) ? StringUtils.uncapitalize(remedy) : "another login has replaced it";
		}
		String kept = provider.grant().needsPerson() ? "the login is kept, and " : "";
		Instant next = refresh.nextAttemptAt();
		String again = (next != null) ? "the next attempt is at " + next.truncatedTo(ChronoUnit.SECONDS)
				: "the next request tries again";
		String change = (refresh.errorCode() != null)
				? reports.change(provider, refresh.errorCode(), String.valueOf(refresh.reason())) : null;
		return kept + again + ((change != null) ? ". " + change : "");
	}

	@Override
	public void scopesMissing(CredentialId id, Set<String> missing) {
		String scopes = ServerText.printable(String.join(" ", missing), 500);
		EventLog.at(Level.WARN, "oauth2_scopes_missing", id.providerId())
			.with("missing", scopes)
			.log("The server granted '{}' less than was asked for; missing: {}", id.providerId(), scopes);
	}

	@Override
	public void storeFailed(CredentialId id, String operation, Exception failure) {
		EventLog.at(Level.WARN, "oauth2_store_failed", id.providerId())
			.with("operation", operation)
			.log("The token store failed ({}) for '{}': {}", operation, id.providerId(), failure.getMessage());
	}

	@Override
	public void codeIssued(Login login, UserCode userCode) {
		String providerId = login.id().providerId();
		EventLog.Event event = EventLog.at(Level.INFO, "oauth2_device_code_issued", providerId)
			.with("verificationUri", userCode.verificationUri())
			.with("userCode", userCode.userCode())
			.with("expiresIn", userCode.expiresIn().toSeconds());
		String by = "";
		if (userCode.resource() != null) {
			String resource = ServerText.printable(userCode.resource().toString());
			String issuer = ServerText.printable(String.valueOf(userCode.issuer()));
			event.with("resource", resource).with("issuer", issuer);
			by = ", to use " + resource + ", which asks you to log in at " + issuer;
		}
		event.log("Login needed for '{}'{}: open {} and enter {} within {} s", providerId, by,
				userCode.verificationUri(), userCode.userCode(), userCode.expiresIn().toSeconds());
	}

	@Override
	public void ended(Ended ended) {
		String providerId = ended.login().id().providerId();
		String grant = ended.grant().tag();
		if (ended.outcome() == LoginOutcome.SUCCESS) {
			EventLog.at(ended.saved() ? Level.INFO : Level.WARN, "oauth2_login_success", providerId)
				.with("grant", grant)
				.with("saved", ended.saved())
				.log(ended.saved() ? "Logged in to '{}'"
						: "Logged in to '{}', but the login could not be saved: it is kept in memory, and saving is retried",
						providerId);
			return;
		}
		EventLog.at(Level.WARN, "oauth2_login_failed", providerId)
			.with("grant", grant)
			.with("outcome", ended.outcome().tag())
			.with("error", ended.errorCode())
			.log("Not logged in to '{}': {}", providerId, sentence(ended));
	}

	/** What a person has done, or not, needs no code. */
	private String sentence(Ended ended) {
		String message = String.valueOf(ended.message());
		String code = ended.errorCode();
		if (ended.outcome() != LoginOutcome.FAILED || code == null) {
			return message;
		}
		Provider provider = this.providers.find(ended.login().id().providerId());
		// Nearly all refusals name the property already, with what is wrong with it.
		boolean named = message.contains("oauth2.pkce.") || message.contains("spring.security.oauth2.");
		String change = (provider != null && !named) ? this.reports.get().change(provider, code, message) : null;
		return (message.contains(code) ? "" : code + ": ") + message + ((change != null) ? ". " + change : "");
	}

	/**
	 * Nobody is logged in, and nobody is asked.
	 * @param provider the provider
	 * @param why why there is no prompt
	 */
	public void loginNeeded(Provider provider, String why) {
		String remedy = this.reports.get().remedy(provider);
		EventLog.at(Level.WARN, "oauth2_login_needed", provider.id())
			.with("remedy", remedy)
			.log("Nobody is logged in to '{}', and nobody is asked to, because {}. {}", provider.id(), why, remedy);
	}

	/**
	 * The one line that a clean start writes.
	 * @param counts how many credentials are in which state
	 */
	public void startupFinished(Map<String, Integer> counts) {
		EventLog.Event event = EventLog.at(Level.INFO, "oauth2_startup_finished");
		counts.forEach(event::with);
		String summary = counts.entrySet()
			.stream()
			.map((count) -> count.getValue() + " " + count.getKey())
			.collect(Collectors.joining(", "));
		event.log("OAuth 2.0 logins: {}", summary.isEmpty() ? "only those of users" : summary);
	}

}
