package io.github.oauth2pkce.spring;

import java.time.Duration;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;

/**
 * The tokens that Spring Security was given lately, and whose they are. Its requests name
 * a refresh token and nobody, and its callers come back with tokens that somebody else
 * has replaced meanwhile: those must be known again, or they would be spent twice, or
 * saved over newer ones. Thread-safe.
 */
final class HandedOut {

	private static final long TOKENS = 50_000;

	/** Much longer than any call that began with the token. */
	private static final Duration KEPT = Duration.ofHours(1);

	private final Cache<Token, CredentialId> owners = Caffeine.newBuilder()
		.maximumSize(TOKENS)
		.expireAfterAccess(KEPT)
		.build();

	void add(Credential credential) {
		add(credential.id(), credential.accessToken(), credential.refreshToken());
	}

	void add(CredentialId id, String accessToken, @Nullable String refreshToken) {
		this.owners.put(new Token(id.providerId(), accessToken), id);
		if (refreshToken != null) {
			this.owners.put(new Token(id.providerId(), refreshToken), id);
		}
	}

	@Nullable CredentialId owner(String providerId, String token) {
		return this.owners.getIfPresent(new Token(providerId, token));
	}

	/**
	 * An access or refresh token of a provider.
	 *
	 * @param providerId the provider
	 * @param value its value; never shows
	 */
	private record Token(String providerId, String value) {

		@Override
		public String toString() {
			return "Token[***]";
		}

	}

}
