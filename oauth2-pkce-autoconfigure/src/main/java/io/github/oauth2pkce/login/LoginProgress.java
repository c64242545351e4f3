package io.github.oauth2pkce.login;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.Listeners;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.device.PollResult;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.IssuedTokens;

/**
 * How far one login got: what the person, the listeners and whoever joined it are told,
 * and where its tokens go. The person is told on a thread of its own: a prompt that does
 * not return, or throws whatever, ends no login.
 */
final class LoginProgress implements LoginGrant.Progress {

	private static final Logger logger = LoggerFactory.getLogger(Logins.class);

	/**
	 * The person reads how it went before the program goes on, if the prompt is quick.
	 */
	private static final Duration LONGEST_ENDING = Duration.ofSeconds(2);

	private final Login login;

	private final Credentials credentials;

	private final InstantSource clock;

	private final Listeners<LoginListener> listeners;

	private final Listeners<LoginProgress> person = new Listeners<>(List.of(this));

	private final BooleanSupplier suspended;

	private volatile LoginGrant.@Nullable Prompt prompt;

	private boolean saved;

	LoginProgress(Login login, Credentials credentials, InstantSource clock, Listeners<LoginListener> listeners,
			BooleanSupplier suspended) {
		this.login = login;
		this.credentials = credentials;
		this.clock = clock;
		this.listeners = listeners;
		this.suspended = suspended;
	}

	@Override
	public CredentialId id() {
		return this.login.id();
	}

	@Override
	public boolean isResumed() {
		return this.login.isResumed();
	}

	@Override
	public boolean isQuiet() {
		return this.login.isQuiet();
	}

	@Override
	public @Nullable Instant loggedInAt() {
		this.credentials.load(id());
		Credential known = this.credentials.known(id());
		return (known != null) ? known.loggedInAt() : null;
	}

	@Override
	public boolean isSuspended() {
		return this.suspended.getAsBoolean();
	}

	@Override
	public void codeIssued(UserCode userCode, LoginGrant.Prompt prompt) {
		this.login.show(userCode, this.clock.instant());
		this.login.tell(() -> {
			this.listeners.tell((listener) -> listener.codeIssued(this.login, userCode));
			// The code is in the log and at the endpoint, too.
			show(prompt, this::promptFailed);
		});
		this.login.joined();
	}

	@Override
	public void pageOpened(URI page, Duration timeout, LoginGrant.Prompt prompt) {
		this.login.show(page, this.clock.instant().plus(timeout));
		// Without its message and stack: they may repeat the page, which is for the
		// person alone.
		show(prompt, (ex) -> logger.warn("The prompt for the login of '{}' failed ({})", this.login.id(),
				ex.getClass().getName()));
	}

	private void show(LoginGrant.Prompt prompt, Consumer<Throwable> failed) {
		this.prompt = prompt;
		this.person.tell((progress) -> {
			try {
				this.login.prompt(prompt::show);
			}
			catch (Throwable ex) {
				failed.accept(ex);
			}
		});
	}

	@Override
	public void polled(PollResult result) {
		// This process polls, so the one that has shown the code has died: show it here.
		this.login.ask();
		this.listeners.tell((listener) -> listener.polled(this.login, result));
	}

	@Override
	public boolean issued(IssuedTokens tokens) {
		if (!this.login.decide()) {
			throw LoginException.cancelled();
		}
		String away = LoginTransfers.away(this.credentials.inStore(id()));
		this.saved = this.credentials.loggedIn(id(), tokens);
		if (away != null) {
			logger.warn("The login of {} that was here before is not lost: {}", id(), away);
		}
		return this.saved;
	}

	@Override
	public void endedElsewhere(@Nullable Instant before) {
		Instant now = loggedInAt();
		if (now == null || now.equals(before)) {
			throw new LoginException(LoginOutcome.FAILED, Problem.ENDED_ELSEWHERE,
					"Another process or node has ended this login; its log says why", null);
		}
		if (!this.login.decide()) {
			throw LoginException.cancelled();
		}
		this.saved = true;
	}

	/** Tells the person. */
	LoginGrant.End end(@Nullable LoginException failure) {
		LoginGrant.End end = new LoginGrant.End(failure, failure == null && this.saved);
		LoginGrant.Prompt prompt = this.prompt;
		if (prompt != null) {
			this.person.tell((progress) -> {
				try {
					prompt.ended(end);
				}
				catch (Throwable ex) {
					promptFailed(ex);
				}
			});
		}
		if (!this.login.isGivenUpByPrompt()) {
			this.person.await(LONGEST_ENDING);
		}
		return end;
	}

	private void promptFailed(Throwable ex) {
		logger.warn("The prompt for the login of '{}' failed", this.login.id(), ex);
	}

}
