package io.github.oauth2pkce.autoconfigure;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

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

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnNotWebApplication;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Auto-configuration of browser logins of applications without a web server; those with
 * one use Spring Security's filters, but for a provider that is found by its resource: it
 * has no client registration before somebody has logged in. A runtime may lack the JDK's
 * HTTP server.
 */
@AutoConfiguration(after = PkceAutoConfiguration.class)
@Conditional(PkceLoopbackLoginAutoConfiguration.OnLoopbackLogins.class)
@ConditionalOnClass(name = "com.sun.net.httpserver.HttpServer")
@ConditionalOnBean({ TokenEndpoint.class, Discovery.class })
@Lazy
public final class PkceLoopbackLoginAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	BrowserOpener oauth2PkceBrowserOpener() {
		return new SystemBrowserOpener();
	}

	@Bean
	LoopbackLogin oauth2PkceLoopbackLogin(TokenEndpoint tokenEndpoint, Discovery discovery, ClientIdentities identities,
			BrowserOpener opener, Terminal terminal, OAuth2PkceProperties properties, Providers providers,
			Environment environment, ObjectProvider<LifeConfiguration.Server> server) {
		boolean web = server.getIfAvailable() != null;
		if (!web) {
			ProviderWarnings.checkLoopback(providers, properties.providers(), environment);
		}
		String name = environment.getProperty("spring.application.name", "").strip();
		return new LoopbackLogin(new LoopbackGrant(tokenEndpoint, discovery, identities, properties.login().timeout(),
				name.isEmpty() ? null : name), new BrowserPrompt(terminal, opener), web);
	}

	/** Without a web server, or with a provider that is found out at run time. */
	static final class OnLoopbackLogins extends AnyNestedCondition {

		OnLoopbackLogins() {
			super(ConfigurationPhase.REGISTER_BEAN);
		}

		@ConditionalOnNotWebApplication
		static final class WithoutServer {

		}

		@Conditional(OnOpenProvider.class)
		static final class WithOpenProvider {

		}

	}

	/** By the names of properties, in any spelling: they are not bound yet. */
	static final class OnOpenProvider extends SpringBootCondition {

		private static final Set<String> NAMES = Set.of("resourceuri", "registration", "clientmetadatauri");

		@Override
		public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
			boolean found = Binder.get(context.getEnvironment())
				.bind("oauth2.pkce.providers", Bindable.mapOf(String.class, Object.class))
				.map((providers) -> providers.values().stream().anyMatch(OnOpenProvider::isOpen))
				.orElse(false);
			return new ConditionOutcome(found,
					(found ? "A" : "No") + " provider has resource-uri, registration or client-metadata-uri");
		}

		private static boolean isOpen(Object provider) {
			return provider instanceof Map<?, ?> properties && properties.keySet()
				.stream()
				.map((key) -> String.valueOf(key).replaceAll("[-_]", "").toLowerCase(Locale.ROOT))
				.anyMatch((key) -> NAMES.contains(key) || key.startsWith("registration."));
		}

	}

}
