package io.github.oauth2pkce.login;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.device.DeviceGrant;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.device.UserCodePrompt;

import org.springframework.security.oauth2.core.AuthorizationGrantType;

/** Logs in by device code (RFC 8628). */
public final class DeviceLogin implements LoginGrant {

	private static final Logger logger = LoggerFactory.getLogger(DeviceLogin.class);

	private final DeviceGrant grant;

	private final UserCodePrompt prompt;

	public DeviceLogin(DeviceGrant grant, UserCodePrompt prompt) {
		this.grant = grant;
		this.prompt = prompt;
	}

	@Override
	public AuthorizationGrantType type() {
		return AuthorizationGrantType.DEVICE_CODE;
	}

	@Override
	public Issued login(Provider provider, Progress progress) throws InterruptedException {
		DeviceGrant.Issued issued = this.grant.login(provider, (userCode) -> {
			progress.codeIssued(userCode);
			prompt(provider, userCode);
		}, progress::polled);
		return new Issued(issued.tokenEndpoint(), issued.response());
	}

	private void prompt(Provider provider, UserCode userCode) {
		try {
			this.prompt.prompt(userCode);
		}
		catch (RuntimeException ex) {
			// The code is in the log and at the endpoint, too.
			logger.warn("The prompt for the login of '{}' failed", provider.id(), ex);
		}
	}

}
