package io.github.oauth2pkce.spring;

import java.util.List;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.token.TokenEndpoint;

import org.springframework.security.oauth2.client.endpoint.AbstractOAuth2AuthorizationGrantRequest;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

/**
 * The resource indicators (RFC 8707) of the requests that Spring Security makes.
 * Thread-safe; blocking where a resource has to be discovered.
 */
public final class ResourceIndicators {

	private final Providers providers;

	private final Discovery discovery;

	/**
	 * Creates the source.
	 * @param providers the providers; other registrations have no resources
	 * @param discovery finds those that are not configured
	 */
	public ResourceIndicators(Providers providers, Discovery discovery) {
		this.providers = providers;
		this.discovery = discovery;
	}

	/**
	 * Those of an authorization request (section 2.1).
	 * @param registrationId the client registration
	 * @return absolute URIs, possibly none
	 * @throws DiscoveryException when they cannot be discovered
	 */
	public List<String> of(String registrationId) {
		Provider provider = this.providers.find(registrationId);
		return (provider != null) ? this.discovery.withResources(provider).request().resources() : List.of();
	}

	/**
	 * That of a token request (section 2.2), as parameters to add to it.
	 * @param request the request
	 * @return the first one, possibly none
	 * @throws OAuth2AuthorizationException when they cannot be discovered: what Spring
	 * Security understands, and never takes for the end of a login
	 */
	public MultiValueMap<String, String> parameters(AbstractOAuth2AuthorizationGrantRequest request) {
		MultiValueMap<String, String> parameters = new LinkedMultiValueMap<>();
		Provider provider = this.providers.find(request.getClientRegistration().getRegistrationId());
		if (provider != null) {
			try {
				TokenEndpoint.addResource(this.discovery.withResources(provider), parameters);
			}
			catch (DiscoveryException ex) {
				throw new OAuth2AuthorizationException(
						new OAuth2Error(OAuth2ErrorCodes.TEMPORARILY_UNAVAILABLE, ex.getMessage(), null), ex);
			}
		}
		return parameters;
	}

	/**
	 * Whether a call may have to read metadata, which no event loop should do.
	 * @param registrationId the client registration
	 * @return {@code false} when everything is configured
	 */
	public boolean areDiscovered(String registrationId) {
		Provider provider = this.providers.find(registrationId);
		return provider != null && provider.request().resourceMetadataUri() != null;
	}

}
