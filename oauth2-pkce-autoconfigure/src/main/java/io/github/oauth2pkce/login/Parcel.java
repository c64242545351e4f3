package io.github.oauth2pkce.login;

import java.nio.charset.StandardCharsets;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialCodec;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStoreException;

/**
 * What is in the file of a login that travels, before it is sealed: the login as stores
 * keep it, with its key and its client, and the number of its journey.
 *
 * @param export identifies this export
 * @param login the login
 */
record Parcel(String export, Credential login) {

	private static final int VERSION = 1;

	private static final JsonMapper MAPPER = JsonMapper.shared();

	String toJson() {
		ObjectNode json = MAPPER.createObjectNode();
		json.put("version", VERSION);
		json.put("export", this.export);
		json.set("login", MAPPER.readTree(CredentialCodec.encode(this.login)));
		return MAPPER.writeValueAsString(json);
	}

	/** The same login in another place. */
	static Credential readdressed(Credential login, CredentialId id, Origin origin, long generation) {
		return new Credential(id, origin, login.accessToken(), login.refreshToken(), login.scopes(), login.issuedAt(),
				login.expiresAt(), login.refreshTokenExpiresAt(), login.rejection(), login.refreshedAt(),
				login.loggedInAt(), login.assertion(), generation);
	}

	/** Whoever has sealed it has the passphrase, and may be another version of ours. */
	static Parcel parse(String text) {
		try {
			JsonNode json = MAPPER.readTree(text);
			if (json.path("version").asInt(0) == VERSION && json.path("export").isString()) {
				JsonNode login = json.path("login");
				CredentialId id = CredentialId.ofApplication(login.path("provider").asString(""));
				return new Parcel(json.path("export").asString(),
						CredentialCodec.decode(id, MAPPER.writeValueAsString(login).getBytes(StandardCharsets.UTF_8)));
			}
		}
		catch (JacksonException | TokenStoreException ex) {
			// Neither message nor cause: both may quote the login.
		}
		throw new TransferException("What is in the file is no login that this version can read");
	}

}
