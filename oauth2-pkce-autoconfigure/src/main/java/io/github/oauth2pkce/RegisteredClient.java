package io.github.oauth2pkce;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A client that was registered at run time, as its server has described it (RFC 7591
 * section 3.2.1). It is nobody to any other server. Immutable; its text shows no secret.
 *
 * @param id the client id
 * @param secret the client secret, {@code null} for a public client
 * @param secretExpiresAt when the secret ends, {@code null} when it does not
 * @param authenticationMethod how the client authenticates at the token endpoint
 * @param redirectUri the redirect URI that was registered, {@code null} when none was
 * @param managementUri where the registration can be read and deleted (RFC 7592),
 * {@code null} when it cannot
 * @param managementToken the registration access token for that
 * @param keys the thumbprints (RFC 7638) of the public keys that the server knows it by,
 * the newest first; none where it has no key, and where nobody has written them down
 */
public record RegisteredClient(String id, @Nullable String secret, @Nullable Instant secretExpiresAt,
		String authenticationMethod, @Nullable String redirectUri, @Nullable String managementUri,
		@Nullable String managementToken, List<String> keys) {

	/**
	 * Creates the client.
	 */
	public RegisteredClient {
		keys = List.copyOf(keys);
	}

	/**
	 * Whether the secret, if there is one, still works.
	 * @param now the time
	 * @return {@code false} when its end has come
	 */
	public boolean isUsable(Instant now) {
		return this.secretExpiresAt == null || now.isBefore(this.secretExpiresAt);
	}

	/**
	 * The same client, known by other keys.
	 * @param keys the thumbprints of its public keys
	 * @return a copy
	 */
	public RegisteredClient withKeys(List<String> keys) {
		return new RegisteredClient(this.id, this.secret, this.secretExpiresAt, this.authenticationMethod,
				this.redirectUri, this.managementUri, this.managementToken, keys);
	}

	@Override
	public String toString() {
		return "RegisteredClient[id=" + this.id + ", authenticationMethod=" + this.authenticationMethod + "]";
	}

}
