package io.github.oauth2pkce.observability;

import org.springframework.security.oauth2.core.AuthorizationGrantType;

/** Grants as operators write them. */
final class Grants {

	private Grants() {
	}

	/**
	 * The short name of a grant.
	 * @param grant the grant
	 * @return {@code device_code} instead of its URN
	 */
	static String name(AuthorizationGrantType grant) {
		return AuthorizationGrantType.DEVICE_CODE.equals(grant) ? "device_code" : grant.getValue();
	}

}
