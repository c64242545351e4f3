package io.github.oauth2pkce.sample.authserver;

import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.oauth2.server.authorization.OAuth2AuthorizationServerConfigurer;

/**
 * Something that the protocol endpoints have in some profiles only.
 */
interface ServerFeature {

	void addTo(HttpSecurity http, OAuth2AuthorizationServerConfigurer server);

}
