package io.github.oauth2pkce.authentication;

import java.net.URI;
import java.util.List;
import java.util.function.BiFunction;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.token.ClientAuthentication;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.MultiValueMap;

/**
 * A client whose connection has its certificate (RFC 8705 section 2): one of an authority
 * that the server knows, or one that is registered itself. Thread-safe.
 */
public final class MutualTls implements ClientAuthentication {

	private final ClientAuthenticationMethod method;

	private final BiFunction<Provider, URI, URI> aliases;

	private MutualTls(ClientAuthenticationMethod method, BiFunction<Provider, URI, URI> aliases) {
		this.method = method;
		this.aliases = aliases;
	}

	/**
	 * The authentications of both methods.
	 * @param aliases the address for clients with certificates of an endpoint (section 5)
	 * @return the authentications
	 */
	public static List<ClientAuthentication> of(BiFunction<Provider, URI, URI> aliases) {
		return List.of(new MutualTls(ClientAuthenticationMethod.TLS_CLIENT_AUTH, aliases),
				new MutualTls(ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH, aliases));
	}

	@Override
	public ClientAuthenticationMethod method() {
		return this.method;
	}

	@Override
	public URI address(Provider provider, URI endpoint) {
		return this.aliases.apply(provider, endpoint);
	}

	/** Section 2: the request MUST include the client id. */
	@Override
	public void authenticate(Provider provider, URI endpoint, HttpHeaders headers, MultiValueMap<String, String> form) {
		form.set(OAuth2ParameterNames.CLIENT_ID, provider.client().id());
	}

}
