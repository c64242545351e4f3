package io.github.oauth2pkce.device;

import java.net.URI;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
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

	private final @Nullable DeviceCeremonies kept;

	/**
	 * Creates the grant. Its logins end with this process.
	 * @param client sends the requests
	 * @param discovery finds the endpoints
	 * @param identities finds out who we are to a server that nobody has configured
	 * @param time the time that polling goes by
	 */
	public DeviceGrant(AuthorizationServerClient client, Discovery discovery, ClientIdentities identities,
			PollingTime time) {
		this(client, discovery, identities, time, null);
	}

	/**
	 * Creates the grant.
	 * @param client sends the requests
	 * @param discovery finds the endpoints
	 * @param identities finds out who we are to a server that nobody has configured
	 * @param time the time that polling goes by
	 * @param kept where codes outlive this process, {@code null} for nowhere
	 */
	public DeviceGrant(AuthorizationServerClient client, Discovery discovery, ClientIdentities identities,
			PollingTime time, @Nullable DeviceCeremonies kept) {
		this.client = client;
		this.discovery = discovery;
		this.identities = identities;
		this.time = time;
		this.kept = kept;
	}

	/**
	 * Asks for a code and waits until the person has decided; nobody else knows the code.
	 * @param configured the provider
	 * @param prompt shows the code; called once, before the first poll
	 * @param polls is told of each poll
	 * @return the tokens and the endpoint that issued them
	 * @throws InterruptedException when the login was cancelled
	 * @see #poll
	 */
	public IssuedTokens login(Provider configured, Consumer<UserCode> prompt, Consumer<PollResult> polls)
			throws InterruptedException {
		DeviceCeremony ceremony = new DeviceGrant(this.client, this.discovery, this.identities, this.time)
			.begin(configured, CredentialId.ofApplication(configured.id()), null);
		prompt.accept(ceremony.userCode());
		return Objects.requireNonNull(poll(ceremony, Turns.ALONE, polls));
	}

	/**
	 * Asks for a code, unless one is on display already.
	 * @param configured the provider
	 * @param id whose login it will be
	 * @param loggedInAt when the login was made that there is now, {@code null} for none
	 * @return the code
	 * @throws InterruptedException when the login was cancelled
	 * @throws io.github.oauth2pkce.token.TokenRequestException when the server said no
	 * @throws io.github.oauth2pkce.token.AuthorizationServerUnreachableException when
	 * there was no code to show
	 * @throws io.github.oauth2pkce.discovery.DiscoveryException when an endpoint or the
	 * resource is not known
	 * @throws io.github.oauth2pkce.registration.RegistrationException when this
	 * application is no client of the server
	 */
	public DeviceCeremony begin(Provider configured, CredentialId id, @Nullable Instant loggedInAt)
			throws InterruptedException {
		Provider known = this.discovery.resolve(configured);
		URI deviceEndpoint = this.discovery.endpoint(known, Endpoint.DEVICE_AUTHORIZATION);
		// Both endpoints before the first request: no code that nobody can redeem.
		URI tokenEndpoint = this.discovery.endpoint(known, Endpoint.TOKEN);
		this.discovery.checkProofs(known);
		Provider provider = this.identities.identified(known, null);
		try {
			return begin(provider, id, deviceEndpoint, tokenEndpoint, loggedInAt);
		}
		catch (TokenRequestException ex) {
			if (!this.identities.isUnsuitable(provider, ex.errorCode())) {
				throw ex;
			}
			return begin(this.identities.identified(known, null), id, deviceEndpoint, tokenEndpoint, loggedInAt);
		}
	}

	private DeviceCeremony begin(Provider provider, CredentialId id, URI deviceEndpoint, URI tokenEndpoint,
			@Nullable Instant loggedInAt) throws InterruptedException {
		return (this.kept != null)
				? this.kept.joinOrBegin(id, provider, tokenEndpoint, this.time.nanoTime(), loggedInAt,
						() -> authorize(provider, deviceEndpoint))
				: new DeviceCeremony(id, provider, tokenEndpoint, authorize(provider, deviceEndpoint), Credential.NONE,
						false);
	}

	/**
	 * Goes on with the code that is on display already.
	 * @param configured the provider
	 * @param id whose login it will be
	 * @param loggedInAt when the login was made that there is now, {@code null} for none
	 * @return the code, {@code null} when there is none, or none of this configuration
	 * @throws io.github.oauth2pkce.discovery.DiscoveryException when an endpoint or the
	 * resource is not known
	 */
	public @Nullable DeviceCeremony join(Provider configured, CredentialId id, @Nullable Instant loggedInAt) {
		if (this.kept == null) {
			return null;
		}
		Provider known = this.discovery.resolve(configured);
		return this.kept.join(id, this.identities.identified(known, null),
				this.discovery.endpoint(known, Endpoint.TOKEN), this.time.nanoTime(), loggedInAt);
	}

	/**
	 * Waits until the person has decided.
	 * @param ceremony the code
	 * @param turns says when to poll
	 * @param polls is told of each poll
	 * @return the tokens and the endpoint that issued them, {@code null} when the
	 * ceremony has ended in another process
	 * @throws InterruptedException when the login was cancelled
	 * @throws io.github.oauth2pkce.token.AuthorizationDeniedException when the person
	 * said no
	 * @throws io.github.oauth2pkce.token.AuthorizationExpiredException when nobody
	 * decided in time
	 * @throws io.github.oauth2pkce.token.TokenRequestException when the server said no
	 */
	public @Nullable IssuedTokens poll(DeviceCeremony ceremony, Turns turns, Consumer<PollResult> polls)
			throws InterruptedException {
		TokenResponse response = new DevicePolling(new TokenEndpoint(this.client), this.time, ceremony, turns, polls)
			.poll();
		return (response != null) ? new IssuedTokens(ceremony.provider(), ceremony.tokenEndpoint(), response) : null;
	}

	/**
	 * Whether a code is on display, here or elsewhere; asks no server.
	 * @param loggedInAt when the login was made that there is now, {@code null} for none
	 * @return {@code false} also when nobody knows
	 */
	public boolean isUnderWay(CredentialId id, @Nullable Instant loggedInAt) {
		return this.kept != null && this.kept.isUnderWay(id, loggedInAt);
	}

	/**
	 * Whether a ceremony has not ended in another process.
	 * @param ceremony the ceremony
	 * @return {@code true} also when nobody knows
	 */
	public boolean isOpen(DeviceCeremony ceremony) {
		return this.kept == null || this.kept.isOpen(ceremony);
	}

	/**
	 * Ends a ceremony for all processes, so that nobody goes on with it.
	 * @param ceremony the ceremony
	 */
	public void end(DeviceCeremony ceremony) {
		if (this.kept != null) {
			this.kept.end(ceremony);
		}
	}

	/**
	 * Ends whatever ceremony is under way, for all processes.
	 * @param id whose login it would be
	 */
	public void abandon(CredentialId id) {
		if (this.kept != null) {
			this.kept.abandon(id);
		}
	}

	private DeviceAuthorization authorize(Provider provider, URI endpoint) {
		return new DeviceAuthorizationEndpoint(this.client, this.time).authorize(provider, endpoint);
	}

}
