package io.github.oauth2pkce.registration;

import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.discovery.AuthorizationServerMetadata;

import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

/** How a client that nobody has configured authenticates at the token endpoint. */
final class AuthenticationMethods {

	private static final String METADATA = "token_endpoint_auth_methods_supported";

	/** The simplest first. */
	private static final List<ClientAuthenticationMethod> KNOWN = List.of(ClientAuthenticationMethod.NONE,
			ClientAuthenticationMethod.CLIENT_SECRET_BASIC, ClientAuthenticationMethod.CLIENT_SECRET_POST);

	private AuthenticationMethods() {
	}

	static @Nullable ClientAuthenticationMethod find(String name) {
		return KNOWN.stream().filter((method) -> method.getValue().equals(name)).findFirst().orElse(null);
	}

	/** For a client that has no secret yet. */
	static ClientAuthenticationMethod choose(AuthorizationServerMetadata metadata) {
		Set<String> supported = metadata.list(METADATA);
		return KNOWN.stream()
			.filter((method) -> supported.contains(method.getValue()))
			.findFirst()
			.orElse(ClientAuthenticationMethod.NONE);
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
