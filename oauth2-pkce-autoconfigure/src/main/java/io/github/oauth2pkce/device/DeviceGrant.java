package io.github.oauth2pkce.device;

import java.net.URI;
import java.util.function.Consumer;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.token.IssuedTokens;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenRequestException;
import io.github.oauth2pkce.token.TokenResponse;

/**
 * The device authorization grant (RFC 8628) with PKCE (RFC 7636): a new verifier for each
 * login, its challenge on the device authorization request, the same verifier on every
 * poll. Blocking; thread-safe.
 */
public final class DeviceGrant {

	private final AuthorizationServerClient client;

	private final Discovery discovery;

	private final ClientIdentities identities;

	private final PollingTime time;

	/**
	 * Creates the grant.
	 * @param client sends the requests
	 * @param discovery finds the endpoints
	 * @param identities finds out who we are to a server that nobody has configured
	 * @param time the time that polling goes by
	 */
	public DeviceGrant(AuthorizationServerClient client, Discovery discovery, ClientIdentities identities,
			PollingTime time) {
		this.client = client;
		this.discovery = discovery;
		this.identities = identities;
		this.time = time;
	}

	/**
	 * Asks for a code and waits until the person has decided.
	 * @param configured the provider
	 * @param prompt shows the code; called once, before the first poll
	 * @param polls is told of each poll
	 * @return the tokens and the endpoint that issued them
	 * @throws InterruptedException when the login was cancelled
	 * @throws io.github.oauth2pkce.token.AuthorizationDeniedException when the person
	 * said no
	 * @throws io.github.oauth2pkce.token.AuthorizationExpiredException when nobody
	 * decided in time
	 * @throws io.github.oauth2pkce.token.TokenRequestException when the server said no
	 * @throws io.github.oauth2pkce.token.AuthorizationServerUnreachableException when
	 * there was no code to show
	 * @throws io.github.oauth2pkce.discovery.DiscoveryException when an endpoint or the
	 * resource is not known
	 * @throws io.github.oauth2pkce.registration.RegistrationException when this
	 * application is no client of the server
	 */
	public IssuedTokens login(Provider configured, Consumer<UserCode> prompt, Consumer<PollResult> polls)
			throws InterruptedException {
		Provider known = this.discovery.resolve(configured);
		URI deviceEndpoint = this.discovery.endpoint(known, Endpoint.DEVICE_AUTHORIZATION);
		// Both endpoints before the first request: no code that nobody can redeem.
		URI tokenEndpoint = this.discovery.endpoint(known, Endpoint.TOKEN);
		Provider provider = this.identities.identified(known, null);
		DeviceAuthorization authorization;
		try {
			authorization = authorize(provider, deviceEndpoint);
		}
		catch (TokenRequestException ex) {
			if (!this.identities.isUnsuitable(provider, ex.errorCode())) {
				throw ex;
			}
			provider = this.identities.identified(known, null);
			authorization = authorize(provider, deviceEndpoint);
		}
		UserCode code = authorization.userCode();
		prompt.accept(
				(provider.resourceUri() != null) ? code.foundBy(provider.resourceUri(), provider.issuerUri()) : code);
		TokenResponse response = new DevicePolling(new TokenEndpoint(this.client), this.time, provider, authorization,
				polls)
			.poll(tokenEndpoint);
		return new IssuedTokens(provider, tokenEndpoint, response);
	}

	private DeviceAuthorization authorize(Provider provider, URI endpoint) {
		return new DeviceAuthorizationEndpoint(this.client, this.time).authorize(provider, endpoint);
	}

}
