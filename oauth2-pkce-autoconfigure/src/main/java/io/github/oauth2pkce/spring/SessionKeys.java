package io.github.oauth2pkce.spring;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialCipher;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;

/**
 * Seals the key of a login (RFC 9449) for the session that keeps it while the browser is
 * away: nobody knows who stores sessions, and how. What opens it is in the token store,
 * so that this works after a restart, and on another node. Blocking; thread-safe.
 */
final class SessionKeys {

	private final TokenStore store;

	private final InstantSource clock;

	SessionKeys(TokenStore store, InstantSource clock) {
		this.store = store;
		this.clock = clock;
	}

	/**
	 * Seals a key.
	 * @return characters of base64url
	 * @throws TokenStoreException when the store cannot be used
	 */
	String seal(String providerId, DpopKey key) {
		CredentialId id = CredentialId.ofSessions(providerId);
		byte[] sealed = cipher(id).seal(record(id, key, ""));
		return Base64.getUrlEncoder().withoutPadding().encodeToString(sealed);
	}

	/**
	 * Opens what {@link #seal} has made.
	 * @throws TokenStoreException when the store cannot be used, or has lost the record
	 */
	DpopKey open(String providerId, String sealed) {
		CredentialId id = CredentialId.ofSessions(providerId);
		try {
			DpopKey key = cipher(id).open(id, Base64.getUrlDecoder().decode(sealed)).origin().key();
			if (key != null) {
				return key;
			}
		}
		catch (IllegalArgumentException ex) {
			// Told below, without the text.
		}
		throw new TokenStoreException("The session of a login to '" + providerId + "' holds no key", null);
	}

	private CredentialCipher cipher(CredentialId id) {
		Credential record = load(id);
		if (record == null) {
			Credential made = record(id, null, Base64.getEncoder().encodeToString(CredentialCipher.generateKey()));
			// Another node may have made one meanwhile.
			record = this.store.save(made, Credential.NONE) ? made : this.store.load(id);
		}
		if (record == null) {
			throw new TokenStoreException("The token store does not keep the key for sessions of " + id, null);
		}
		return new CredentialCipher(Base64.getDecoder().decode(record.accessToken()), List.of());
	}

	/** What cannot be read is made anew, and set aside by that. */
	private @Nullable Credential load(CredentialId id) {
		try {
			return this.store.load(id);
		}
		catch (TokenStoreException ex) {
			return null;
		}
	}

	private Credential record(CredentialId id, @Nullable DpopKey key, String secret) {
		Instant now = this.clock.instant();
		return new Credential(id, new Origin(null, "", "", null, null, null, key), secret, null, Set.of(), now, null,
				null, null, null, null, now.toEpochMilli());
	}

}
