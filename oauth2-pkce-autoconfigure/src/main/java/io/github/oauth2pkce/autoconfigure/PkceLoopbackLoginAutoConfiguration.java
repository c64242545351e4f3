package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.code.BrowserPrompt;
import io.github.oauth2pkce.code.LoopbackGrant;
import io.github.oauth2pkce.code.SystemBrowserOpener;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.configuration.ProviderWarnings;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.login.LoopbackLogin;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.terminal.Terminal;
import io.github.oauth2pkce.token.TokenEndpoint;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnNotWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of browser logins of applications without a web server; those with
 * one use Spring Security's filters. A runtime may lack the JDK's HTTP server.
 */
@AutoConfiguration(after = PkceAutoConfiguration.class)
@ConditionalOnNotWebApplication
@ConditionalOnClass(name = "com.sun.net.httpserver.HttpServer")
@ConditionalOnBean({ TokenEndpoint.class, Discovery.class })
public final class PkceLoopbackLoginAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	BrowserOpener oauth2PkceBrowserOpener() {
		return new SystemBrowserOpener();
	}

	@Bean
	LoopbackLogin oauth2PkceLoopbackLogin(TokenEndpoint tokenEndpoint, Discovery discovery, ClientIdentities identities,
			BrowserOpener opener, Terminal terminal, OAuth2PkceProperties properties, Providers providers,
			Environment environment) {
		ProviderWarnings.checkLoopback(providers, properties.providers(), environment);
		String name = environment.getProperty("spring.application.name", "").strip();
		return new LoopbackLogin(new LoopbackGrant(tokenEndpoint, discovery, identities, properties.login().timeout(),
				name.isEmpty() ? null : name), new BrowserPrompt(terminal, opener));
	}

}
