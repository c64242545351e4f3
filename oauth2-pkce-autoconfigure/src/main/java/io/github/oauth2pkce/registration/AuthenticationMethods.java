package io.github.oauth2pkce.registration;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.discovery.AuthorizationServerMetadata;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

/** How a client that nobody has configured authenticates at the token endpoint. */
final class AuthenticationMethods {

	private static final String METADATA = "token_endpoint_auth_methods_supported";

	/** The simplest first. */
	private static final List<ClientAuthenticationMethod> KNOWN = List.of(ClientAuthenticationMethod.NONE,
			ClientAuthenticationMethod.CLIENT_SECRET_BASIC, ClientAuthenticationMethod.CLIENT_SECRET_POST);

	/** A server that does not list them does not get less. */
	private static final Set<ClientAuthenticationMethod> STRONG = Set.of(ClientAuthenticationMethod.PRIVATE_KEY_JWT,
			ClientAuthenticationMethod.TLS_CLIENT_AUTH, ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH);

	private AuthenticationMethods() {
	}

	static @Nullable ClientAuthenticationMethod find(Provider provider, String name) {
		return known(provider).filter((method) -> method.getValue().equals(name)).findFirst().orElse(null);
	}

	/** A key is configured to be used, and where its method is written, nothing else. */
	private static Stream<ClientAuthenticationMethod> known(Provider provider) {
		if (isDemanded(provider)) {
			return Stream.of(provider.client().authenticationMethod());
		}
		return signs(provider) ? Stream.concat(Stream.of(ClientAuthenticationMethod.PRIVATE_KEY_JWT), KNOWN.stream())
				: KNOWN.stream();
	}

	/** Whether somebody has written down a method that no server may weaken. */
	private static boolean isDemanded(Provider provider) {
		return !provider.client().methodOpen() && STRONG.contains(provider.client().authenticationMethod());
	}

	/** Whether a method needs a secret that the server has to make. */
	static boolean needsSecret(ClientAuthenticationMethod method) {
		return !ClientAuthenticationMethod.NONE.equals(method) && !STRONG.contains(method);
	}

	/** Whether a server knows a client of that method by a key. */
	static boolean signs(ClientAuthenticationMethod method) {
		return ClientAuthenticationMethod.PRIVATE_KEY_JWT.equals(method);
	}

	/**
	 * Whether the server, which has the last word, has registered a client by its key.
	 */
	static boolean signs(RegisteredClient client) {
		return ClientAuthenticationMethod.PRIVATE_KEY_JWT.getValue().equals(client.authenticationMethod());
	}

	/** Whether a client that nobody has registered has a key to be known by. */
	static boolean signs(Provider provider) {
		return signs(provider.client().authenticationMethod()) && provider.client().assertion().source() == null;
	}

	/** For a client that has no secret yet. */
	static ClientAuthenticationMethod choose(Provider provider, AuthorizationServerMetadata metadata) {
		Set<String> supported = metadata.list(METADATA);
		return known(provider).filter((method) -> supported.contains(method.getValue()))
			.findFirst()
			.orElse(isDemanded(provider) ? provider.client().authenticationMethod() : ClientAuthenticationMethod.NONE);
	}

	/**
	 * For a client that has a secret: a server that only takes the other way to send one
	 * says so.
	 */
	static ClientAuthenticationMethod choose(AuthorizationServerMetadata metadata,
			ClientAuthenticationMethod configured) {
		Set<String> supported = metadata.list(METADATA);
		boolean onlyPost = ClientAuthenticationMethod.CLIENT_SECRET_BASIC.equals(configured)
				&& !supported.contains(configured.getValue())
				&& supported.contains(ClientAuthenticationMethod.CLIENT_SECRET_POST.getValue());
		return onlyPost ? ClientAuthenticationMethod.CLIENT_SECRET_POST : configured;
	}

}
