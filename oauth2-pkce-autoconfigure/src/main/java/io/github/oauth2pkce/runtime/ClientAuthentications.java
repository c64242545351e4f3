package io.github.oauth2pkce.runtime;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.authentication.ClientKeys;
import io.github.oauth2pkce.authentication.ClientSecretJwt;
import io.github.oauth2pkce.authentication.MutualTls;
import io.github.oauth2pkce.authentication.PrivateKeyJwt;
import io.github.oauth2pkce.discovery.AuthorizationServerMetadata;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.source.ForeignTokens;
import io.github.oauth2pkce.token.ClientAuthentication;

/** All ways in which a client can authenticate without sending a secret. */
public final class ClientAuthentications {

	private ClientAuthentications() {
	}

	/**
	 * Creates them.
	 * @param keys the keys of clients
	 * @param discovery knows servers, and itself reads by the client that is made of
	 * these
	 * @param foreignTokens reads what others have signed, likewise
	 * @param clock the wall clock
	 * @return the authentications
	 */
	public static List<ClientAuthentication> of(ClientKeys keys, Supplier<Discovery> discovery,
			Supplier<ForeignTokens> foreignTokens, InstantSource clock) {
		Function<Provider, AuthorizationServerMetadata> metadata = (provider) -> discovery.get().known(provider);
		List<ClientAuthentication> all = new ArrayList<>(
				MutualTls.of((provider, endpoint) -> discovery.get().mutualTlsAlias(provider, endpoint)));
		all.add(new PrivateKeyJwt(keys, metadata, clock, foreignTokens));
		all.add(new ClientSecretJwt(metadata, clock));
		return all;
	}

}
