package io.github.oauth2pkce.refresh;

import java.net.URI;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.token.TokenResponse;

/**
 * A grant that needs no person: whenever a token has ended, it is asked for another one.
 * Blocking and thread-safe.
 */
public interface MachineGrant {

	/**
	 * {@return which grant this is}
	 */
	Grant grant();

	/**
	 * Obtains a token.
	 * @param provider the provider, its resources known
	 * @param tokenEndpoint where
	 * @param tokens the foreign tokens to show, those that the provider asks for
	 * @return the answer
	 * @throws io.github.oauth2pkce.token.TokenRequestException when the server says no
	 * @throws io.github.oauth2pkce.token.AuthorizationServerUnreachableException when
	 * there was no answer
	 */
	TokenResponse obtain(Provider provider, URI tokenEndpoint, PresentedTokens tokens);

}
