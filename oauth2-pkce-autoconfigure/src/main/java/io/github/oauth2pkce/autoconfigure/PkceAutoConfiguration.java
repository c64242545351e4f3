package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.configuration.OAuth2PkceProperties;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * Auto-configuration of providers, credentials and logins: everything without HTTP
 * clients of the application.
 */
@AutoConfiguration(after = { HttpClientAutoConfiguration.class, ReactiveHttpClientAutoConfiguration.class })
@ConditionalOnSwitch("oauth2.pkce.enabled")
@Conditional(OnFirstOfContextsCondition.class)
@EnableConfigurationProperties(OAuth2PkceProperties.class)
@ImportRuntimeHints(PkceRuntimeHints.class)
@Import({ ProvidersConfiguration.class, SourcesConfiguration.class, AuthorizationServersConfiguration.class,
		CredentialsConfiguration.class, LoginsConfiguration.class, ReportsConfiguration.class, LifeConfiguration.class,
		CommandsConfiguration.class })
public final class PkceAutoConfiguration {

	static final String BOOT_OAUTH2_CLIENT = "org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientProperties";

}
