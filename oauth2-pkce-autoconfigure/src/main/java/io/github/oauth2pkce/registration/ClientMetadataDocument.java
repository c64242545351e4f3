package io.github.oauth2pkce.registration;

import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.authentication.ClientKeys;

import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

/**
 * What this application says of itself to authorization servers that take the address of
 * a document for a client id (draft-ietf-oauth-client-id-metadata-document), in the terms
 * of RFC 7591 section 2.
 */
public final class ClientMetadataDocument {

	private ClientMetadataDocument() {
	}

	/**
	 * Writes the document.
	 * @param providers those that use it, at least one; each has the same
	 * {@link Provider.Registration#clientMetadataUri()}
	 * @param keys the keys by which they sign, if they do
	 * @return its members
	 */
	public static Map<String, Object> of(Collection<Provider> providers, ClientKeys keys) {
		Provider first = providers.iterator().next();
		Map<String, Object> members = new LinkedHashMap<>();
		members.put("client_id", String.valueOf(first.registration().clientMetadataUri()));
		if (first.registration().clientName() != null) {
			members.put("client_name", first.registration().clientName());
		}
		Set<String> redirectUris = new LinkedHashSet<>();
		providers.forEach((provider) -> addRedirectUris(provider.login().redirectUri(), redirectUris));
		members.put("redirect_uris", redirectUris);
		members.put("response_types", List.of("code"));
		members.put("grant_types", List.of(AuthorizationGrantType.AUTHORIZATION_CODE.getValue(),
				AuthorizationGrantType.REFRESH_TOKEN.getValue(), AuthorizationGrantType.DEVICE_CODE.getValue()));
		boolean signs = AuthenticationMethods.signs(first);
		members.put("token_endpoint_auth_method",
				(signs ? ClientAuthenticationMethod.PRIVATE_KEY_JWT : ClientAuthenticationMethod.NONE).getValue());
		if (signs) {
			members.put("jwks", keys.of(first).publicJwks());
		}
		return members;
	}

	/**
	 * RFC 8252 section 7.3: with any port. Some servers compare the host, and know only
	 * one of its names.
	 */
	private static void addRedirectUris(URI redirectUri, Set<String> redirectUris) {
		redirectUris.add(redirectUri.toString());
		if (redirectUri.getPort() == -1) {
			for (String host : List.of("127.0.0.1", "localhost", "[::1]")) {
				redirectUris.add("http://" + host + redirectUri.getRawPath());
			}
		}
	}

}
