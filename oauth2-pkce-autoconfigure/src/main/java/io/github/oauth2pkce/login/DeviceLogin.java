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
		progress.issued(this.grant.login(provider, (userCode) -> {
			progress.whenEnded((end) -> tell(userCode, end));
			progress.codeIssued(userCode, () -> this.prompt.prompt(userCode));
		}, progress::polled));
	}

	private void tell(UserCode userCode, End end) {
		if (end.isUnsaved()) {
			this.prompt.endedUnsaved(userCode);
		}
		else {
			this.prompt.ended(userCode, end.failure());
		}
	}

}
