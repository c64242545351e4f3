package io.github.oauth2pkce.login;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.device.DeviceCeremony;
import io.github.oauth2pkce.device.DeviceGrant;
import io.github.oauth2pkce.device.Turns;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.device.UserCodePrompt;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.IssuedTokens;

/**
 * Logs in by device code (RFC 8628). Of the processes that share a store and know the
 * code, one polls, as long as it lives; the others learn how it went from the store.
 */
public final class DeviceLogin implements LoginGrant, AutoCloseable {

	private final DeviceGrant grant;

	private final UserCodePrompt prompt;

	private final @Nullable LoginClaims claims;

	/**
	 * Creates the login of a process that shares nothing.
	 * @param grant the grant
	 * @param prompt shows the code to a person
	 */
	public DeviceLogin(DeviceGrant grant, UserCodePrompt prompt) {
		this(grant, prompt, null);
	}

	/**
	 * Creates the login.
	 * @param grant the grant
	 * @param prompt shows the code to a person
	 * @param claims say which process polls, {@code null} for this one; closed with this
	 * login
	 */
	public DeviceLogin(DeviceGrant grant, UserCodePrompt prompt, @Nullable LoginClaims claims) {
		this.grant = grant;
		this.prompt = prompt;
		this.claims = claims;
	}

	@Override
	public Grant grant() {
		return Grant.DEVICE_CODE;
	}

	@Override
	public boolean isUnderWay(CredentialId id, @Nullable Instant loggedInAt) {
		return this.grant.isUnderWay(id, loggedInAt);
	}

	@Override
	public void abandon(CredentialId id) {
		this.grant.abandon(id);
	}

	@Override
	public void login(Provider provider, Progress progress) throws InterruptedException {
		Instant loggedInAt = (this.claims != null) ? progress.loggedInAt() : null;
		DeviceCeremony ceremony = progress.isResumed() ? this.grant.join(provider, progress.id(), loggedInAt)
				: this.grant.begin(provider, progress.id(), loggedInAt);
		if (ceremony == null) {
			progress.endedElsewhere(loggedInAt);
			return;
		}
		progress.codeIssued(ceremony.userCode(), new CodePrompt(this.prompt, ceremony.userCode()));
		boolean over = true;
		try (Claimed turns = new Claimed(ceremony, progress)) {
			try {
				IssuedTokens tokens = this.grant.poll(ceremony, turns, progress::polled);
				// A logout at another node may have come while the last poll was under
				// way.
				if (tokens != null && this.grant.isOpen(ceremony)) {
					progress.issued(tokens);
				}
				else {
					progress.endedElsewhere(loggedInAt);
				}
			}
			catch (InterruptedException ex) {
				over = !progress.isSuspended();
				throw ex;
			}
			catch (RuntimeException | Error ex) {
				// Whoever polls may be luckier.
				over = turns.areOurs();
				throw ex;
			}
			finally {
				// Before the claim is given back, so that nobody else takes over.
				if (over) {
					this.grant.end(ceremony);
				}
			}
		}
	}

	/** Gives back what is to be given back. */
	@Override
	public void close() {
		if (this.claims != null) {
			this.claims.close();
		}
	}

	/** The turns of one ceremony. Used by one thread. */
	private final class Claimed implements Turns, AutoCloseable {

		private final DeviceCeremony ceremony;

		private final Progress progress;

		private LoginClaims.@Nullable Kept claim;

		Claimed(DeviceCeremony ceremony, Progress progress) {
			this.ceremony = ceremony;
			this.progress = progress;
		}

		@Override
		public Turn next() {
			LoginClaims claims = DeviceLogin.this.claims;
			if (claims == null || !this.ceremony.isKept()) {
				return Turn.MINE;
			}
			if (!DeviceLogin.this.grant.isOpen(this.ceremony)) {
				return Turn.OVER;
			}
			if (this.claim == null) {
				CredentialId id = this.progress.id().ofDeviceLogin();
				this.claim = this.progress.isQuiet() ? claims.takeOver(id) : claims.take(id);
			}
			return areOurs() ? Turn.MINE : Turn.ANOTHERS;
		}

		boolean areOurs() {
			return this.claim != null || DeviceLogin.this.claims == null || !this.ceremony.isKept();
		}

		@Override
		public void close() {
			if (this.claim != null) {
				this.claim.close();
			}
		}

	}

	/** The user's prompt, for one code. */
	private record CodePrompt(UserCodePrompt prompt, UserCode userCode) implements Prompt {

		@Override
		public void show() {
			this.prompt.prompt(this.userCode);
		}

		@Override
		public void ended(End end) {
			if (end.isUnsaved()) {
				this.prompt.endedUnsaved(this.userCode);
			}
			else {
				this.prompt.ended(this.userCode, end.failure());
			}
		}

	}

}
