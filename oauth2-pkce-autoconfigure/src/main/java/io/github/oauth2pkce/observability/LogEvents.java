package io.github.oauth2pkce.observability;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.bearer.UnauthorizedRecovery;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.LoginListener;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.store.CredentialId;

/**
 * Writes what happens to the log, as a sentence with key/value pairs, which Boot's
 * structured logging makes JSON fields. Never a token, code, verifier, state or secret; a
 * user code is meant to be read.
 */
public final class LogEvents implements BearerListener, RefreshListener, LoginListener {

	private static final Logger logger = LoggerFactory.getLogger(LogEvents.class);

	/** Creates the listener. */
	public LogEvents() {
	}

	private static LoggingEventBuilder event(LoggingEventBuilder builder, String event, String providerId) {
		return builder.addKeyValue("event", event).addKeyValue("provider", providerId);
	}

	@Override
	public void propagated(String providerId) {
		if (logger.isDebugEnabled()) {
			event(logger.atDebug(), "oauth2_bearer_propagated", providerId).log("Request sent with the bearer of '{}'",
					providerId);
		}
	}

	@Override
	public void skipped(String providerId, SkipReason reason) {
		if (logger.isDebugEnabled()) {
			event(logger.atDebug(), "oauth2_bearer_propagation_skipped", providerId).addKeyValue("reason", reason.tag())
				.log("Request without the bearer of '{}': {}", providerId, reason.tag());
		}
	}

	@Override
	public void unauthorized(String providerId, UnauthorizedRecovery recovery) {
		event(logger.atDebug(), "oauth2_unauthorized", providerId).addKeyValue("outcome", recovery.tag())
			.log("A resource answered 401 to the bearer of '{}': {}", providerId, recovery.tag());
	}

	@Override
	public void refreshed(Refresh refresh) {
		String providerId = refresh.id().providerId();
		String outcome = refresh.outcome().tag();
		if (refresh.outcome() == RefreshOutcome.REFRESHED || refresh.outcome() == RefreshOutcome.ADOPTED) {
			event(logger.atDebug(), "oauth2_refresh_success", providerId).addKeyValue("outcome", outcome)
				.addKeyValue("trigger", refresh.trigger().tag())
				.log("The token of '{}' was {} ({})", providerId, outcome, refresh.trigger().tag());
			return;
		}
		// A dead login is told once, when the server says so, not at every request.
		LoggingEventBuilder level = (refresh.outcome() == RefreshOutcome.SUPPRESSED) ? logger.atDebug()
				: logger.atWarn();
		event(level, "oauth2_refresh_failed", providerId).addKeyValue("outcome", outcome)
			.addKeyValue("trigger", refresh.trigger().tag())
			.addKeyValue("error", refresh.errorCode())
			.addKeyValue("status", refresh.status())
			.log("The token of '{}' was not refreshed: {} (error {}, status {})", providerId, outcome,
					refresh.errorCode(), refresh.status());
	}

	@Override
	public void scopesMissing(CredentialId id, Set<String> missing) {
		String scopes = ServerText.printable(String.join(" ", missing), 500);
		event(logger.atWarn(), "oauth2_scopes_missing", id.providerId()).addKeyValue("missing", scopes)
			.log("The server granted '{}' less than was asked for; missing: {}", id.providerId(), scopes);
	}

	@Override
	public void storeFailed(CredentialId id, String operation, Exception failure) {
		event(logger.atWarn(), "oauth2_store_failed", id.providerId()).addKeyValue("operation", operation)
			.log("The token store failed ({}) for '{}': {}", operation, id.providerId(), failure.getMessage());
	}

	@Override
	public void codeIssued(Login login, UserCode userCode) {
		event(logger.atInfo(), "oauth2_device_code_issued", login.id().providerId())
			.addKeyValue("verificationUri", userCode.verificationUri())
			.addKeyValue("userCode", userCode.userCode())
			.addKeyValue("expiresIn", userCode.expiresIn().toSeconds())
			.log("Login needed for '{}': open {} and enter {} within {} s", login.id().providerId(),
					userCode.verificationUri(), userCode.userCode(), userCode.expiresIn().toSeconds());
	}

	@Override
	public void ended(Ended ended) {
		String providerId = ended.login().id().providerId();
		String grant = Grants.name(ended.grant());
		if (ended.outcome() == LoginOutcome.SUCCESS) {
			event(ended.saved() ? logger.atInfo() : logger.atWarn(), "oauth2_login_success", providerId)
				.addKeyValue("grant", grant)
				.addKeyValue("saved", ended.saved())
				.log(ended.saved() ? "Logged in to '{}'"
						: "Logged in to '{}', but not saved: the login ends with the application unless the store works before",
						providerId);
			return;
		}
		event(logger.atWarn(), "oauth2_login_failed", providerId).addKeyValue("grant", grant)
			.addKeyValue("outcome", ended.outcome().tag())
			.addKeyValue("error", ended.errorCode())
			.log("Not logged in to '{}': {} ({}): {}", providerId, ended.outcome().tag(), ended.errorCode(),
					ended.message());
	}

	/**
	 * The one line that a clean start writes.
	 * @param counts how many credentials are in which state
	 */
	public void startupFinished(Map<String, Integer> counts) {
		LoggingEventBuilder builder = logger.atInfo().addKeyValue("event", "oauth2_startup_finished");
		counts.forEach(builder::addKeyValue);
		String summary = counts.entrySet()
			.stream()
			.map((count) -> count.getValue() + " " + count.getKey())
			.collect(Collectors.joining(", "));
		builder.log("OAuth 2.0 logins: {}", summary.isEmpty() ? "only those of users" : summary);
	}

}
