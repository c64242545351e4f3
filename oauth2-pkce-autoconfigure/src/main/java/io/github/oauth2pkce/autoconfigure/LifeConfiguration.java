package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.RequestLogins;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.observability.LogEvents;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.runtime.HttpClients;
import io.github.oauth2pkce.runtime.LoginRunner;
import io.github.oauth2pkce.runtime.Shutdown;
import io.github.oauth2pkce.runtime.Startup;
import io.github.oauth2pkce.runtime.StoreWatch;
import io.github.oauth2pkce.runtime.Workers;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;

import org.springframework.boot.autoconfigure.condition.ConditionalOnNotWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Start and stop. */
@Configuration(proxyBeanMethods = false)
class LifeConfiguration {

	@Bean
	Startup oauth2PkceStartup(Providers providers, Credentials credentials, Logins logins, RequestLogins requestLogins,
			OAuth2PkceProperties properties, Workers workers, LogEvents log, ApplicationEventPublisher publisher) {
		return new Startup(providers, credentials, logins, requestLogins, properties, workers, log, publisher);
	}

	@Bean
	Shutdown oauth2PkceShutdown(Logins logins, Credentials credentials, Workers workers, HttpClients clients) {
		return new Shutdown(logins, credentials, workers, clients);
	}

	@Bean
	StoreWatch oauth2PkceStoreWatch(Providers providers, Credentials credentials, Logins logins, Workers workers,
			TokenStore store) {
		return new StoreWatch(providers, credentials, logins, workers,
				!providers.isEmpty() && !(store instanceof MemoryTokenStore));
	}

	/** A program: its own runners come after this one, and find a token. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnNotWebApplication
	static class Program {

		@Bean
		LoginRunner oauth2PkceLoginRunner(Startup startup) {
			return new LoginRunner(startup);
		}

	}

	/** A server: it serves while a person is logging in. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication
	static class Server {

		@Bean
		ApplicationListener<ApplicationReadyEvent> oauth2PkceLoginStarter(Startup startup, ApplicationContext own) {
			return (ready) -> {
				// And not a child that is an application, too.
				if (ready.getApplicationContext() == own) {
					startup.logIn();
				}
			};
		}

	}

}
