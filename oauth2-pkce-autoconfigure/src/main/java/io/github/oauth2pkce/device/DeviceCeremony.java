package io.github.oauth2pkce.device;

import java.net.URI;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;

/**
 * A code on display, and all that it takes to poll for it. Processes that share a store
 * know the same one, and so does one that was started anew. Immutable; its text shows
 * neither device code nor verifier.
 */
public final class DeviceCeremony {

	private final CredentialId id;

	private final Provider provider;

	private final URI tokenEndpoint;

	private final DeviceAuthorization authorization;

	private final long generation;

	private final boolean joined;

	DeviceCeremony(CredentialId id, Provider provider, URI tokenEndpoint, DeviceAuthorization authorization,
			long generation, boolean joined) {
		this.id = id;
		this.provider = provider;
		this.tokenEndpoint = tokenEndpoint;
		this.authorization = authorization;
		this.generation = generation;
		this.joined = joined;
	}

	/** Whose login it will be. */
	CredentialId id() {
		return this.id;
	}

	/** The provider as it was asked, with client, scopes and key. */
	Provider provider() {
		return this.provider;
	}

	URI tokenEndpoint() {
		return this.tokenEndpoint;
	}

	DeviceAuthorization authorization() {
		return this.authorization;
	}

	/** That of its record, {@link Credential#NONE} when the store does not have it. */
	long generation() {
		return this.generation;
	}

	/** Whether another process has begun it. */
	boolean isJoined() {
		return this.joined;
	}

	/**
	 * What a person needs.
	 * @return the code, and how long it works from now
	 */
	public UserCode userCode() {
		UserCode code = this.authorization.userCode();
		URI resource = this.provider.resourceUri();
		return (resource != null) ? code.foundBy(resource, this.provider.issuerUri()) : code;
	}

	/**
	 * Whether other processes can find it.
	 * @return {@code false} when it ends with this one
	 */
	public boolean isKept() {
		return this.generation != Credential.NONE;
	}

	@Override
	public String toString() {
		return "DeviceCeremony[id=" + this.id + ", authorization=" + this.authorization + "]";
	}

}
