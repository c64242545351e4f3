package io.github.oauth2pkce.login;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.device.DeviceGrant;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.device.UserCodePrompt;

/** Logs in by device code (RFC 8628). */
public final class DeviceLogin implements LoginGrant {

	private final DeviceGrant grant;

	private final UserCodePrompt prompt;

	/**
	 * Creates the login.
	 * @param grant the grant
	 * @param prompt shows the code to a person
	 */
	public DeviceLogin(DeviceGrant grant, UserCodePrompt prompt) {
		this.grant = grant;
		this.prompt = prompt;
	}

	@Override
	public Grant grant() {
		return Grant.DEVICE_CODE;
	}

	@Override
	public void login(Provider provider, Progress progress) throws InterruptedException {
		progress.issued(this.grant.login(provider,
				(userCode) -> progress.codeIssued(userCode, new CodePrompt(this.prompt, userCode)), progress::polled));
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
