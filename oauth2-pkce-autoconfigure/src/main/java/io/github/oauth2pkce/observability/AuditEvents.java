package io.github.oauth2pkce.observability;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.login.LoggedOutEvent;
import io.github.oauth2pkce.login.LoginCompletedEvent;
import io.github.oauth2pkce.login.LoginFailedEvent;
import io.github.oauth2pkce.refresh.CredentialRejectedEvent;
import io.github.oauth2pkce.store.CredentialId;

import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;

/**
 * Makes audit events of logins, logouts and rejections. The principal is the
 * credential's: a user, or {@code application}. The data are ids and codes, no secrets.
 */
public final class AuditEvents {

	/** A login yielded tokens. */
	public static final String LOGIN_SUCCESS = "OAUTH2_LOGIN_SUCCESS";

	/** A login ended without tokens. */
	public static final String LOGIN_FAILURE = "OAUTH2_LOGIN_FAILURE";

	/** A login was forgotten because somebody asked. */
	public static final String LOGOUT = "OAUTH2_LOGOUT";

	/** The server rejected a refresh token: a person is needed. */
	public static final String REJECTED = "OAUTH2_CREDENTIAL_REJECTED";

	private final ApplicationEventPublisher publisher;

	/**
	 * Creates the listener.
	 * @param publisher takes the audit events
	 */
	public AuditEvents(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
	}

	@EventListener
	void on(LoginCompletedEvent event) {
		publish(LOGIN_SUCCESS, event.id(), Map.of("saved", event.saved()));
	}

	@EventListener
	void on(LoginFailedEvent event) {
		publish(LOGIN_FAILURE, event.id(), withError(Map.of("outcome", event.outcome().tag()), event.errorCode()));
	}

	@EventListener
	void on(LoggedOutEvent event) {
		publish(LOGOUT, event.id(), Map.of("revoked", event.revoked()));
	}

	@EventListener
	void on(CredentialRejectedEvent event) {
		publish(REJECTED, event.id(), withError(Map.of(), event.errorCode()));
	}

	private static Map<String, Object> withError(Map<String, Object> data, @Nullable String errorCode) {
		Map<String, Object> all = new LinkedHashMap<>(data);
		if (errorCode != null) {
			all.put("error", errorCode);
		}
		return all;
	}

	private void publish(String type, CredentialId id, Map<String, Object> data) {
		Map<String, @Nullable Object> all = new LinkedHashMap<>();
		all.put("provider", id.providerId());
		all.putAll(data);
		this.publisher.publishEvent(new AuditApplicationEvent(new AuditEvent(id.principalName(), type, all)));
	}

}
