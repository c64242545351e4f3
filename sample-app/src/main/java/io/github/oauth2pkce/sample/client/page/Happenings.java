package io.github.oauth2pkce.sample.client.page;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.github.oauth2pkce.bearer.BearerSkippedEvent;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.login.LoggedOutEvent;
import io.github.oauth2pkce.login.LoginCompletedEvent;
import io.github.oauth2pkce.login.LoginFailedEvent;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.login.LoginStartedEvent;
import io.github.oauth2pkce.refresh.CredentialRejectedEvent;
import io.github.oauth2pkce.refresh.ProviderStartedEvent;
import io.github.oauth2pkce.refresh.TokenRefreshedEvent;
import org.jspecify.annotations.Nullable;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * The latest of the starter's application events, newest first. Thread-safe, and quick:
 * {@link BearerSkippedEvent} comes on the thread that sends the request.
 */
@Component
class Happenings {

	static final int CAPACITY = 12;

	private final Clock clock;

	private final Deque<Happening> latest = new ArrayDeque<>();

	private final Map<String, String> failedLogins = new HashMap<>();

	Happenings(Clock clock) {
		this.clock = clock;
	}

	synchronized List<Happening> latest() {
		return List.copyOf(this.latest);
	}

	/**
	 * How the last login ended, if not well.
	 * @param providerId at which provider
	 * @return a sentence; {@code null} if it ended well or has not ended
	 */
	synchronized @Nullable String failedLogin(String providerId) {
		return this.failedLogins.get(providerId);
	}

	synchronized void add(String providerId, Tone tone, String text) {
		Happening happening = new Happening(providerId, text, tone, this.clock.instant(), 1);
		Happening last = this.latest.peekFirst();
		if (last != null && last.isSameAs(happening)) {
			this.latest.removeFirst();
			this.latest.addFirst(last.again(happening.at()));
			return;
		}
		this.latest.addFirst(happening);
		if (this.latest.size() > CAPACITY) {
			this.latest.removeLast();
		}
	}

	@EventListener
	void on(ProviderStartedEvent event) {
		switch (event.state()) {
			case AUTHORIZED -> add(event.providerId(), Tone.GOOD, "Started with a stored login");
			case LOGIN_REQUIRED -> add(event.providerId(), Tone.NEUTRAL, "Started; nobody is logged in");
			case REAUTHENTICATION_REQUIRED ->
				add(event.providerId(), Tone.ATTENTION, "Started with a login that has ended");
			case UNKNOWN -> add(event.providerId(), Tone.NEUTRAL, "Started; nothing known about the login yet");
		}
	}

	@EventListener
	synchronized void on(LoginStartedEvent event) {
		this.failedLogins.remove(event.id().providerId());
		add(event.id().providerId(), Tone.WAITING, "A login began");
	}

	@EventListener
	void on(LoginCompletedEvent event) {
		add(event.id().providerId(), Tone.GOOD, Words.end(LoginOutcome.SUCCESS, null));
	}

	@EventListener
	synchronized void on(LoginFailedEvent event) {
		String end = Words.end(event.outcome(), event.errorCode());
		this.failedLogins.put(event.id().providerId(), end);
		add(event.id().providerId(), (event.outcome() == LoginOutcome.CANCELLED) ? Tone.NEUTRAL : Tone.ATTENTION, end);
	}

	@EventListener
	void on(LoggedOutEvent event) {
		add(event.id().providerId(), event.revoked() ? Tone.NEUTRAL : Tone.ATTENTION, event.revoked()
				? "Logged out, here and at the server" : "Logged out here; the server has not confirmed it");
	}

	@EventListener
	void on(TokenRefreshedEvent event) {
		add(event.id().providerId(), Tone.GOOD, "Token renewed: " + Words.why(event.trigger()));
	}

	@EventListener
	void on(CredentialRejectedEvent event) {
		add(event.id().providerId(), Tone.ATTENTION, "The server ended the login: " + Words.why(event.errorCode()));
	}

	@EventListener
	void on(BearerSkippedEvent event) {
		// The two alternate while a server is down: one line for both.
		SkipReason reason = (event.reason() == SkipReason.REFRESH_BACKOFF) ? SkipReason.REFRESH_FAILED : event.reason();
		add(event.providerId(), Tone.ATTENTION, "Request without a bearer token: " + Words.why(reason));
	}

}
