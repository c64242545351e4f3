package io.github.oauth2pkce.runtime;

import org.jspecify.annotations.Nullable;

import org.springframework.http.client.reactive.ClientHttpConnector;

/** A {@link ClientHttpConnector} bean of the application, made when it is first used. */
public interface ApplicationConnector {

	@Nullable ClientHttpConnector get();

}
