package io.github.oauth2pkce.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.http.client.reactive.ClientHttpConnector;

/** A {@link ClientHttpConnector} bean of the application, made when it is first used. */
interface ApplicationConnector {

	@Nullable ClientHttpConnector get();

}
