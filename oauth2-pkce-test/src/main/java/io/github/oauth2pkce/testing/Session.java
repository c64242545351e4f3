package io.github.oauth2pkce.testing;

import org.jspecify.annotations.Nullable;

/**
 * One login and all tokens that came of it. Guarded by its {@link TokenLedger}.
 */
final class Session {

	private final String clientId;

	private final String subject;

	private final @Nullable String scope;

	private final RecordedRequest request;

	private volatile @Nullable String key;

	private @Nullable String endedBecause;

	Session(String clientId, String subject, @Nullable String scope, RecordedRequest request) {
		this.clientId = clientId;
		this.subject = subject;
		this.scope = scope;
		this.request = request;
	}

	String clientId() {
		return this.clientId;
	}

	String subject() {
		return this.subject;
	}

	@Nullable String scope() {
		return this.scope;
	}

	/**
	 * Whether the client began the login with this parameter.
	 */
	boolean askedFor(String parameter, String value) {
		return this.request.parameters(parameter).contains(value);
	}

	/**
	 * The thumbprint of the key that its tokens are bound to, or null.
	 */
	@Nullable String key() {
		return this.key;
	}

	/**
	 * Whoever began the login by naming a key has to redeem it with that key.
	 */
	void bind(@Nullable String key) {
		String named = this.request.parameter("dpop_jkt");
		if (named != null && !named.equals(key)) {
			throw ProtocolError.invalidGrant("DPoP proof key does not match dpop_jkt");
		}
		this.key = key;
	}

	void end(String because) {
		if (this.endedBecause == null) {
			this.endedBecause = because;
		}
	}

	@Nullable String endedBecause() {
		return this.endedBecause;
	}

}
