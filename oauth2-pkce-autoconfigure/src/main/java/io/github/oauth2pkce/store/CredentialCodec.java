package io.github.oauth2pkce.store;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.Credential.Rejection;

/**
 * The flat record in which a credential is kept, for stores: token fields only, never the
 * registration, with a version so that a later release can read it. Plain text:
 * {@link CredentialCipher#seal} encrypts it as well. Thread-safe.
 */
public final class CredentialCodec {

	/**
	 * Made from another login, or bound to a key: whoever does not know that would
	 * outlive the one, or send the other as a bearer.
	 */
	private static final int VERSION = 3;

	/** With a client that was registered, or a resource that has named its issuer. */
	private static final int WITHOUT_SOURCE = 2;

	/**
	 * Without: what a version that knows no more can read and write. It loses an ID
	 * token, until the next refresh or login brings another one.
	 */
	private static final int WITHOUT_CLIENT = 1;

	private static final JsonMapper MAPPER = JsonMapper.shared();

	private CredentialCodec() {
	}

	/**
	 * Writes a record.
	 * @param credential the credential
	 * @return its record, with its tokens readable
	 */
	public static byte[] encode(Credential credential) {
		ObjectNode json = MAPPER.createObjectNode();
		RegisteredClient client = credential.origin().client();
		String resource = credential.origin().resource();
		String madeFrom = credential.origin().madeFrom();
		DpopKey key = credential.origin().key();
		int version = (client != null || resource != null) ? WITHOUT_SOURCE : WITHOUT_CLIENT;
		json.put("version", (madeFrom != null || key != null) ? VERSION : version);
		json.put("provider", credential.id().providerId());
		json.put("principal", credential.id().principalName());
		json.put("issuer", credential.origin().issuer());
		json.put("tokenEndpoint", credential.origin().tokenEndpoint());
		json.put("clientId", credential.origin().clientId());
		json.put("accessToken", credential.accessToken());
		json.put("refreshToken", credential.refreshToken());
		credential.scopes().forEach(json.putArray("scopes")::add);
		json.put("issuedAt", credential.issuedAt().toString());
		json.put("expiresAt", text(credential.expiresAt()));
		json.put("refreshTokenExpiresAt", text(credential.refreshTokenExpiresAt()));
		Rejection rejection = credential.rejection();
		json.put("rejectedRefreshToken", (rejection != null) ? rejection.refreshToken() : null);
		json.put("rejectedError", (rejection != null) ? rejection.error() : null);
		json.put("refreshedAt", text(credential.refreshedAt()));
		json.put("loggedInAt", text(credential.loggedInAt()));
		json.put("generation", credential.generation());
		if (resource != null) {
			json.put("resource", resource);
		}
		if (madeFrom != null) {
			json.put("madeFrom", madeFrom);
		}
		if (credential.assertion() != null) {
			json.put("assertion", credential.assertion());
		}
		if (client != null) {
			encode(client, json.putObject("client"));
		}
		if (key != null) {
			json.put("dpopKey", key.toJwk());
		}
		return MAPPER.writeValueAsBytes(json);
	}

	private static void encode(RegisteredClient client, ObjectNode json) {
		json.put("id", client.id());
		json.put("secret", client.secret());
		json.put("secretExpiresAt", text(client.secretExpiresAt()));
		json.put("authenticationMethod", client.authenticationMethod());
		json.put("redirectUri", client.redirectUri());
		json.put("managementUri", client.managementUri());
		json.put("managementToken", client.managementToken());
		if (!client.keys().isEmpty()) {
			client.keys().forEach(json.putArray("keys")::add);
		}
	}

	/**
	 * Reads a record back.
	 * @param id the id that the record must have
	 * @param bytes the record
	 * @return the credential
	 * @throws TokenStoreException when it is something else
	 */
	public static Credential decode(CredentialId id, byte[] bytes) {
		try {
			JsonNode json = MAPPER.readTree(new String(bytes, StandardCharsets.UTF_8));
			int version = json.path("version").asInt(0);
			if (version > VERSION) {
				throw new TokenStoreException(
						"The credential of " + id + " was written by a later version of this library (record version "
								+ version + ", and this one knows " + VERSION + "), which can read it again",
						null);
			}
			if (version < WITHOUT_CLIENT) {
				throw new TokenStoreException("The credential of " + id + " cannot be understood", null);
			}
			Set<String> scopes = new LinkedHashSet<>();
			json.path("scopes").forEach((scope) -> scopes.add(scope.asString()));
			Credential credential = new Credential(
					new CredentialId(required(json, "provider"), required(json, "principal")),
					new Origin(optional(json, "issuer"), required(json, "tokenEndpoint"), required(json, "clientId"),
							optional(json, "resource"), client(json), optional(json, "madeFrom"), key(json)),
					required(json, "accessToken"), optional(json, "refreshToken"), scopes,
					Instant.parse(required(json, "issuedAt")), instant(json, "expiresAt"),
					instant(json, "refreshTokenExpiresAt"), rejection(json), instant(json, "refreshedAt"),
					instant(json, "loggedInAt"), optional(json, "assertion"), json.path("generation").asLong(0));
			if (!credential.id().equals(id)) {
				throw new TokenStoreException("The credential of " + id + " belongs to somebody else", null);
			}
			return credential;
		}
		catch (JacksonException | java.time.DateTimeException | IllegalArgumentException ex) {
			// Neither message nor cause: both may quote the record.
			throw new TokenStoreException("The credential of " + id + " cannot be understood", null);
		}
	}

	private static @Nullable Rejection rejection(JsonNode record) {
		String refreshToken = optional(record, "rejectedRefreshToken");
		return (refreshToken != null) ? new Rejection(refreshToken, optional(record, "rejectedError")) : null;
	}

	private static @Nullable RegisteredClient client(JsonNode record) {
		if (!(record.get("client") instanceof ObjectNode json)) {
			return null;
		}
		List<String> keys = new ArrayList<>();
		json.path("keys").forEach((key) -> keys.add(key.asString()));
		return new RegisteredClient(required(json, "id"), optional(json, "secret"), instant(json, "secretExpiresAt"),
				required(json, "authenticationMethod"), optional(json, "redirectUri"), optional(json, "managementUri"),
				optional(json, "managementToken"), keys);
	}

	private static @Nullable DpopKey key(JsonNode record) {
		String jwk = optional(record, "dpopKey");
		return (jwk != null) ? DpopKey.parse(jwk) : null;
	}

	private static @Nullable String text(@Nullable Instant instant) {
		return (instant != null) ? instant.toString() : null;
	}

	private static String required(JsonNode json, String name) {
		String value = optional(json, name);
		if (value == null) {
			throw new IllegalArgumentException(name);
		}
		return value;
	}

	private static @Nullable String optional(JsonNode json, String name) {
		JsonNode node = json.get(name);
		return (node != null && node.isString()) ? node.asString() : null;
	}

	private static @Nullable Instant instant(JsonNode json, String name) {
		String value = optional(json, name);
		return (value != null) ? Instant.parse(value) : null;
	}

}
