package io.github.oauth2pkce.registration;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;

/**
 * Which authorization server something belongs to that somebody has typed in without
 * naming one: the first at which it was used. A resource that names another one later
 * gets it sent nowhere. Kept in the store, over logouts and restarts; thread-safe.
 */
final class ServerBindings {

	private final IdentityRecords records;

	private final InstantSource clock;

	/** The issuer by what is bound: a machine asks for each of its tokens. */
	private final Map<String, String> known = new ConcurrentHashMap<>();

	ServerBindings(IdentityRecords records, InstantSource clock) {
		this.records = records;
		this.clock = clock;
	}

	/**
	 * Binds a value to the provider's server, if it is not bound yet.
	 * @param provider the provider, its server known
	 * @param key the property of the value, below the provider
	 * @param value the value, perhaps a secret
	 * @throws RegistrationException when it belongs to another server, or nobody can know
	 */
	void check(Provider provider, String key, String value) {
		String issuer = String.valueOf(provider.issuerUri());
		String digest = digest(value);
		CredentialId id = CredentialId.ofClient(provider.id(), key);
		String bound = this.known.computeIfAbsent(provider.id() + ' ' + key + ' ' + digest,
				(name) -> bound(provider, id, key, digest, issuer));
		if (!bound.equals(issuer)) {
			throw new RegistrationException(provider.property(key) + " belongs to the authorization server " + bound
					+ ", and the resource now names " + issuer
					+ ": set issuer-uri beside it to the server that it is registered with", null);
		}
	}

	private String bound(Provider provider, CredentialId id, String key, String digest, String issuer) {
		Credential record;
		try {
			record = this.records.loadOrFail(id);
		}
		catch (RuntimeException ex) {
			throw new RegistrationException(
					"The token store cannot be read, so nobody knows which authorization server "
							+ provider.property(key) + " belongs to: mend the store, or set issuer-uri beside it",
					ex);
		}
		if (record != null && record.origin().issuer() != null && record.origin().clientId().equals(digest)) {
			return record.origin().issuer();
		}
		Instant now = this.clock.instant();
		long expected = (record != null) ? record.generation() : Credential.NONE;
		this.records.save(new Credential(id, new Credential.Origin(issuer, "", digest), "", null, Set.of(), now, null,
				null, null, null, null, Math.max(expected + 1, now.toEpochMilli())), expected);
		return issuer;
	}

	static String digest(@Nullable String value) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256")
				.digest(String.valueOf(value).getBytes(StandardCharsets.UTF_8));
			return HexFormat.of().formatHex(digest, 0, 16);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("This Java platform has no SHA-256", ex);
		}
	}

}
