package io.github.oauth2pkce.registration;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.SecureTransport;
import io.github.oauth2pkce.authentication.ClientKey;
import io.github.oauth2pkce.authentication.ClientKeys;
import io.github.oauth2pkce.discovery.AuthorizationServerMetadata;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.token.AuthorizationServerCall;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.AuthorizationServerClient.Answer;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.FailureKind;
import io.github.oauth2pkce.token.JsonAnswer;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenRequestException;

import org.springframework.http.HttpMethod;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.util.LinkedMultiValueMap;

/**
 * The client registration endpoint (RFC 7591 section 3), and the one at which a client
 * manages its registration (RFC 7592 section 2). Blocking and thread-safe.
 */
final class RegistrationEndpoint {

	private static final int LONGEST = 4096;

	private static final String SCOPE = "scope";

	private static final String CLIENT_ID = "client_id";

	private static final String JWKS = "jwks";

	private static final String MANAGEMENT_URI = "registration_client_uri";

	private static final String MANAGEMENT_TOKEN = "registration_access_token";

	/**
	 * What an update must not say (RFC 7592 section 2.2), and the other way to say keys.
	 */
	private static final Set<String> OF_THE_SERVER = Set.of(MANAGEMENT_URI, MANAGEMENT_TOKEN, "client_id_issued_at",
			"client_secret_expires_at", "jwks_uri");

	private static final Set<String> SCOPE_REFUSED = Set.of("invalid_client_metadata", OAuth2ErrorCodes.INVALID_SCOPE,
			OAuth2ErrorCodes.INSUFFICIENT_SCOPE);

	private static final JsonMapper MAPPER = JsonMapper.shared();

	private final AuthorizationServerClient client;

	private final ClientKeys keys;

	RegistrationEndpoint(AuthorizationServerClient client, ClientKeys keys) {
		this.client = client;
		this.keys = keys;
	}

	/**
	 * Registers.
	 * @param provider the provider, its server and scopes known
	 * @param metadata of the server
	 * @param endpoint where
	 * @param redirectUri the one that is bound, or would be
	 * @param scopes what it may come to ask for
	 * @throws RegistrationException when the server refuses
	 * @throws AuthorizationServerUnreachableException when it says nothing
	 */
	RegisteredClient register(Provider provider, AuthorizationServerMetadata metadata, URI endpoint, URI redirectUri,
			Set<String> scopes) {
		ClientAuthenticationMethod method = AuthenticationMethods.choose(provider, metadata);
		Map<String, Object> values = metadata(provider, metadata, redirectUri, method);
		ClientKey key = AuthenticationMethods.signs(method) ? this.keys.of(provider) : null;
		if (key != null) {
			values.put(JWKS, key.publicJwks());
		}
		if (!scopes.isEmpty()) {
			values.put(SCOPE, String.join(" ", scopes));
		}
		Answer answer = send(provider, endpoint, values);
		if (isAboutMetadata(answer) && values.remove(SCOPE) != null) {
			answer = send(provider, endpoint, values);
		}
		JsonAnswer json = (answer.status() == 200 || answer.status() == 201) ? JsonAnswer.parse(answer.body()) : null;
		String id = (json != null) ? json.text(CLIENT_ID) : null;
		if (json == null || id == null || !isClientId(id)) {
			throw refused(provider, endpoint, answer);
		}
		return client(provider, endpoint, json, id, method, redirectUri, key);
	}

	private Answer send(Provider provider, URI endpoint, Map<String, Object> values) {
		return this.client.send(provider, HttpMethod.POST, endpoint,
				AuthorizationServerCall.registration(provider.id()), provider.registration().initialAccessToken(),
				MAPPER.writeValueAsString(values));
	}

	/**
	 * Some servers let a client ask only for scopes that it is registered with. Others
	 * refuse to register scopes: Keycloak {@code openid}, by 403
	 * {@code insufficient_scope}; oidc-provider those of a resource.
	 */
	private static boolean isAboutMetadata(Answer answer) {
		JsonAnswer json = (answer.status() == 400 || answer.status() == 403) ? JsonAnswer.parse(answer.body()) : null;
		String error = (json != null) ? json.text("error") : null;
		return error != null && SCOPE_REFUSED.contains(error);
	}

	/** RFC 6749 appendix A.1: printable ASCII. It is shown, and it is part of an URL. */
	private static boolean isClientId(String id) {
		return !id.isBlank() && id.length() <= LONGEST && id.chars().allMatch((c) -> c >= ' ' && c <= '~');
	}

	/** RFC 7591 section 2, for an application on somebody's machine (RFC 8252). */
	private static Map<String, Object> metadata(Provider provider, AuthorizationServerMetadata metadata,
			URI redirectUri, ClientAuthenticationMethod method) {
		Map<String, Object> values = new LinkedHashMap<>();
		if (provider.registration().clientName() != null) {
			values.put("client_name", provider.registration().clientName());
		}
		values.put("application_type", SecureTransport.isLoopback(redirectUri) ? "native" : "web");
		values.put("redirect_uris", List.of(redirectUri.toString()));
		values.put("response_types", List.of("code"));
		List<String> grants = new ArrayList<>();
		grants.add(AuthorizationGrantType.AUTHORIZATION_CODE.getValue());
		// Or the login ends with its first access token.
		grants.add(AuthorizationGrantType.REFRESH_TOKEN.getValue());
		if (metadata.uri(Endpoint.DEVICE_AUTHORIZATION.member()) != null) {
			grants.add(AuthorizationGrantType.DEVICE_CODE.getValue());
		}
		values.put("grant_types", grants);
		values.put("token_endpoint_auth_method", method.getValue());
		return values;
	}

	private static RegisteredClient client(Provider provider, URI endpoint, JsonAnswer json, String id,
			ClientAuthenticationMethod asked, URI redirectUri, @Nullable ClientKey key) {
		String name = json.text("token_endpoint_auth_method");
		ClientAuthenticationMethod method = (name == null) ? asked : AuthenticationMethods.find(provider, name);
		String secret = json.text("client_secret");
		boolean needsSecret = method != null && AuthenticationMethods.needsSecret(method);
		if (method == null || (needsSecret && (secret == null || secret.isEmpty()))) {
			throw new RegistrationException(
					"The authorization server " + provider.issuerUri() + " has registered this" + " application"
							+ ((method == null) ? " with a way to authenticate that it did not ask for"
									: " without the secret that " + method.getValue() + " needs")
							+ "; set " + provider.property("client-id") + " to a client that is registered by hand",
					null);
		}
		return new RegisteredClient(id, needsSecret ? secret : null,
				needsSecret ? json.instant("client_secret_expires_at") : null, method.getValue(),
				redirectUri.toString(), managementUri(endpoint, json.text(MANAGEMENT_URI)), json.text(MANAGEMENT_TOKEN),
				(key != null && AuthenticationMethods.signs(method)) ? List.of(key.thumbprint()) : List.of());
	}

	/** The token is for this server; an address elsewhere is somebody else's. */
	private static @Nullable String managementUri(URI endpoint, @Nullable String address) {
		try {
			URI uri = (address != null) ? new URI(address) : null;
			return (uri != null && uri.getRawAuthority() != null
					&& uri.getRawAuthority().equalsIgnoreCase(endpoint.getRawAuthority())
					&& endpoint.getScheme().equalsIgnoreCase(uri.getScheme())) ? address : null;
		}
		catch (URISyntaxException ex) {
			return null;
		}
	}

	private static RegistrationException refused(Provider provider, URI endpoint, Answer answer) {
		String token = provider.registration().initialAccessToken();
		String reason = String
			.valueOf(TokenEndpoint.failure(provider, new LinkedMultiValueMap<>(), answer).getMessage());
		boolean locked = token == null && (answer.status() == 401 || answer.status() == 403);
		return new RegistrationException(
				"The authorization server " + provider.issuerUri() + " does not register this application (POST "
						+ endpoint + "): " + ((token != null) ? reason.replace(token, "(hidden)") : reason) + "; "
						+ (locked ? "set " + provider.property("registration.initial-access-token")
								+ " if it gives such tokens, or " : "set ")
						+ provider.property("client-id") + " to a client that is registered by hand",
				null);
	}

	/**
	 * Reads a registration (RFC 7592 section 2.1).
	 * @return the client with the secret and the token that the answer has: it "MUST
	 * immediately discard" its old ones (section 3). The same client when the server does
	 * not say, {@code null} when it no longer has it
	 */
	@Nullable RegisteredClient read(Provider provider, RegisteredClient client) {
		if (client.managementUri() == null || client.managementToken() == null) {
			return client;
		}
		try {
			URI address = URI.create(client.managementUri());
			Answer answer = manage(provider, HttpMethod.GET, address, client, null);
			if (answer.status() == 401 || answer.status() == 404) {
				return null;
			}
			JsonAnswer json = described(client, answer);
			return (json != null) ? withKeys(renewed(client, address, json), json) : client;
		}
		catch (AuthorizationServerUnreachableException ex) {
			return client;
		}
	}

	/**
	 * Adds a key to a registration, before the one that the server knows so far (RFC 7592
	 * section 2.2).
	 * @param described is told how the server describes the client, each time that it
	 * does: what it has issued by that lasts, whatever becomes of the rest
	 * @return the client as the server describes it at last, which may be as it was
	 * @throws TokenRequestException when the server has no time for it now
	 * @throws AuthorizationServerUnreachableException when it says nothing
	 */
	RegisteredClient addKey(Provider provider, RegisteredClient client, ClientKey key,
			Consumer<RegisteredClient> described) {
		RegisteredClient known = client;
		if (client.managementUri() == null || client.managementToken() == null) {
			return known;
		}
		URI address = URI.create(client.managementUri());
		JsonAnswer present = described(known, answered(provider, HttpMethod.GET, address, known, null));
		if (present == null) {
			return known;
		}
		known = withKeys(renewed(known, address, present), present);
		described.accept(known);
		if (known.keys().contains(key.thumbprint())) {
			return known;
		}
		// "MUST include all client metadata fields as returned", but for these.
		Map<String, Object> values = new LinkedHashMap<>(present.toMap());
		values.keySet().removeAll(OF_THE_SERVER);
		values.put(JWKS, key.publicJwks(values.get(JWKS)));
		JsonAnswer updated = described(known,
				answered(provider, HttpMethod.PUT, address, known, MAPPER.writeValueAsString(values)));
		if (updated == null) {
			return known;
		}
		List<String> sent = ClientKey.thumbprints(values.get(JWKS));
		known = withKeys(renewed(known, address, updated).withKeys(sent), updated);
		described.accept(known);
		return known;
	}

	/** What a server in trouble answers is not its last word. */
	private Answer answered(Provider provider, HttpMethod method, URI address, RegisteredClient client,
			@Nullable String json) {
		Answer answer = manage(provider, method, address, client, json);
		if (FailureKind.isTransient(answer.status())) {
			throw TokenEndpoint.failure(provider, new LinkedMultiValueMap<>(), answer);
		}
		return answer;
	}

	private Answer manage(Provider provider, HttpMethod method, URI address, RegisteredClient client,
			@Nullable String json) {
		return this.client.send(provider, method, address, AuthorizationServerCall.registration(provider.id()),
				client.managementToken(), json);
	}

	/** What the answer says of the client, {@code null} when it says something else. */
	private static @Nullable JsonAnswer described(RegisteredClient client, Answer answer) {
		JsonAnswer json = (answer.status() == 200) ? JsonAnswer.parse(answer.body()) : null;
		return (json != null && client.id().equals(json.text(CLIENT_ID))) ? json : null;
	}

	/** Some servers do not repeat the keys. */
	private static RegisteredClient withKeys(RegisteredClient client, JsonAnswer json) {
		List<String> keys = AuthenticationMethods.signs(client) ? ClientKey.thumbprints(json.toMap().get(JWKS))
				: List.of();
		return keys.isEmpty() ? client : client.withKeys(keys);
	}

	private static RegisteredClient renewed(RegisteredClient client, URI address, JsonAnswer json) {
		String secret = json.text("client_secret");
		boolean hasSecret = client.secret() != null && secret != null && !secret.isEmpty();
		String managementUri = managementUri(address, json.text(MANAGEMENT_URI));
		String managementToken = json.text(MANAGEMENT_TOKEN);
		return new RegisteredClient(client.id(), hasSecret ? secret : client.secret(),
				hasSecret ? json.instant("client_secret_expires_at") : client.secretExpiresAt(),
				client.authenticationMethod(), client.redirectUri(),
				(managementUri != null) ? managementUri : client.managementUri(),
				(managementToken != null) ? managementToken : client.managementToken(), client.keys());
	}

	/**
	 * Ends a registration (RFC 7592 section 2.3), where the server allows for that.
	 * @return why it has not ended, {@code null} when it has, or cannot be ended
	 */
	@Nullable String delete(Provider provider, RegisteredClient client) {
		if (client.managementUri() == null || client.managementToken() == null) {
			return null;
		}
		try {
			Answer answer = manage(provider, HttpMethod.DELETE, URI.create(client.managementUri()), client, null);
			// Gone already, or not to be ended: section 2.3 allows for both.
			boolean settled = answer.status() / 100 == 2 || Set.of(401, 404, 405).contains(answer.status());
			return settled ? null : "HTTP " + answer.status();
		}
		catch (AuthorizationServerUnreachableException ex) {
			return ex.getMessage();
		}
	}

}
