package io.github.oauth2pkce.testing;

import java.time.Instant;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What a client said when it registered itself (RFC 7591).
 *
 * @param metadata as registered, defaults included
 * @param secretExpiresAt null for never, or no secret
 */
record Registration(Map<String, Object> metadata, @Nullable Instant secretExpiresAt, boolean anyLoopbackPort) {

	List<?> list(String name) {
		return (this.metadata.get(name) instanceof List<?> values) ? values : List.of();
	}

	boolean isSecretExpired(Instant now) {
		return this.secretExpiresAt != null && !now.isBefore(this.secretExpiresAt);
	}

}
