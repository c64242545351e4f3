package io.github.oauth2pkce.testing;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What tokens must be asked for (RFC 8707).
 */
final class ResourceIndicators {

	private volatile @Nullable String required;

	void require(@Nullable String resource) {
		this.required = resource;
	}

	void check(RecordedRequest request) {
		String required = this.required;
		if (required != null && !request.parameters("resource").equals(List.of(required))) {
			throw new ProtocolError(400, "invalid_target", "The resource has to be " + required);
		}
	}

}
