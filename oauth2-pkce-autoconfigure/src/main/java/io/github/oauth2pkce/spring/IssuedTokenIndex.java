package io.github.oauth2pkce.spring;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.CredentialId;

import org.springframework.security.oauth2.core.AbstractOAuth2Token;

/**
 * The tokens that Spring Security was given, with the credential of each. Its requests
 * name a refresh token and nobody, and its callers come back with tokens that somebody
 * else has replaced meanwhile: those must be recognized, or they would be spent twice, or
 * saved over newer ones. Thread-safe.
 */
final class IssuedTokenIndex {

	/** Much longer than any call that began with a copy of the token. */
	private static final Duration KEPT = Duration.ofHours(1);

	/**
	 * Some hours of a hundred thousand users; about 100 bytes each. A cache that is full
	 * forgets recent tokens first, because old ones were asked for more often.
	 */
	private static final long COPIES = 1_000_000;

	/** By identity, as long as anybody holds the token. */
	private final Cache<AbstractOAuth2Token, CredentialId> instances = Caffeine.newBuilder().weakKeys().build();

	/** By value, for tokens that were copied, or serialized, since. */
	private final Cache<Digest, CredentialId> copies;

	IssuedTokenIndex() {
		this(Ticker.systemTicker());
	}

	IssuedTokenIndex(Ticker ticker) {
		this.copies = Caffeine.newBuilder().maximumSize(COPIES).expireAfterAccess(KEPT).ticker(ticker).build();
	}

	void add(CredentialId id, @Nullable AbstractOAuth2Token token) {
		if (token != null) {
			this.instances.put(token, id);
			this.copies.put(Digest.of(id.providerId(), token), id);
		}
	}

	/** Whether this very object was handed out: what a server has issued never is. */
	boolean contains(AbstractOAuth2Token token) {
		return this.instances.getIfPresent(token) != null;
	}

	/** Whose token it is, if it was handed out, or is a copy of one that was. */
	@Nullable CredentialId owner(String providerId, AbstractOAuth2Token token) {
		CredentialId owner = this.instances.getIfPresent(token);
		return (owner != null && owner.providerId().equals(providerId)) ? owner
				: this.copies.getIfPresent(Digest.of(providerId, token));
	}

	/**
	 * One half of the SHA-256 of a provider and a token's value: small, and no secret.
	 */
	private record Digest(long first, long second) {

		static Digest of(String providerId, AbstractOAuth2Token token) {
			try {
				MessageDigest sha = MessageDigest.getInstance("SHA-256");
				sha.update(providerId.getBytes(StandardCharsets.UTF_8));
				sha.update((byte) 0);
				ByteBuffer digest = ByteBuffer.wrap(sha.digest(token.getTokenValue().getBytes(StandardCharsets.UTF_8)));
				return new Digest(digest.getLong(), digest.getLong());
			}
			catch (NoSuchAlgorithmException ex) {
				throw new IllegalStateException("This Java platform has no SHA-256", ex);
			}
		}

	}

}
