package io.github.oauth2pkce.keycloak;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Hands the {@linkplain KeycloakServer#shared() shared server} and a
 * {@link KeycloakBrowser} to constructors and methods of a test class.
 */
public final class KeycloakExtension implements ParameterResolver {

	@Override
	public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
		Class<?> type = parameter.getParameter().getType();
		return type == KeycloakServer.class || type == KeycloakBrowser.class;
	}

	@Override
	public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
		boolean server = parameter.getParameter().getType() == KeycloakServer.class;
		return server ? KeycloakServer.shared() : new KeycloakBrowser();
	}

}
