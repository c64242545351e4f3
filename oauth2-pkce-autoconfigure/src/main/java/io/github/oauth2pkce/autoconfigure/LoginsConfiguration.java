package io.github.oauth2pkce.autoconfigure;

import java.time.Clock;

import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.RequestLogins;
import io.github.oauth2pkce.command.AssistedPrompt;
import io.github.oauth2pkce.command.CommandStreams;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.device.ConsoleUserCodePrompt;
import io.github.oauth2pkce.device.DeviceCeremonies;
import io.github.oauth2pkce.device.DeviceGrant;
import io.github.oauth2pkce.device.PollingTime;
import io.github.oauth2pkce.device.UserCodePrompt;
import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.login.DeviceLogin;
import io.github.oauth2pkce.login.LoginClaims;
import io.github.oauth2pkce.login.LoginGrant;
import io.github.oauth2pkce.login.LoginListener;
import io.github.oauth2pkce.login.LoginPreparation;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.login.OnRequestLogins;
import io.github.oauth2pkce.login.StepUps;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.SteadyClock;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.runtime.AnsiPalette;
import io.github.oauth2pkce.runtime.LateListeners;
import io.github.oauth2pkce.spring.WebLogins;
import io.github.oauth2pkce.spring.WebStepUps;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.terminal.Features;
import io.github.oauth2pkce.terminal.QrCode;
import io.github.oauth2pkce.terminal.SystemFeatures;
import io.github.oauth2pkce.terminal.Terminal;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.RevocationEndpoint;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/** Logins of people, and their end. */
@Configuration(proxyBeanMethods = false)
@Lazy
class LoginsConfiguration {

	@Bean
	Terminal oauth2PkceTerminal(ObjectProvider<QrCode.Encoder> qrCodes, Environment environment,
			ObjectProvider<CommandStreams> command) {
		CommandStreams streams = command.getIfAvailable();
		if (streams != null) {
			return new Terminal(streams::prompts, LoginsConfiguration::featuresOfCommand, whenNeeded(qrCodes));
		}
		boolean json = environment.containsProperty("logging.structured.format.console");
		return new Terminal(() -> System.out, () -> features(json), whenNeeded(qrCodes));
	}

	/** Most programs show none. */
	private static QrCode.Encoder whenNeeded(ObjectProvider<QrCode.Encoder> qrCodes) {
		return (text) -> {
			QrCode.Encoder encoder = qrCodes.getIfAvailable();
			return (encoder != null) ? encoder.encode(text) : null;
		};
	}

	/** Where a log keeps silent, a prompt is all that a person would ever see. */
	private static Features features(boolean json) {
		Features features = SystemFeatures.now(new AnsiPalette());
		boolean logged = json || LoggerFactory.getLogger(EventLog.LOGGER).isInfoEnabled();
		return (features.prose() || logged) ? features : Features.PLAIN;
	}

	/** A command is for a person: in a pipe, too, it says what to do. */
	private static Features featuresOfCommand() {
		Features features = SystemFeatures.now(new AnsiPalette());
		return features.prose() ? features : Features.PLAIN;
	}

	@Bean
	@ConditionalOnMissingBean
	UserCodePrompt oauth2PkceUserCodePrompt(Terminal terminal, ObjectProvider<CommandStreams> command,
			ObjectProvider<BrowserOpener> opener) {
		CommandStreams streams = command.getIfAvailable();
		UserCodePrompt prompt = new ConsoleUserCodePrompt(terminal);
		return (streams != null && SystemFeatures.isInteractive())
				? new AssistedPrompt(prompt, streams, System.in, opener::getIfAvailable) : prompt;
	}

	@Bean(destroyMethod = "close")
	DeviceLogin oauth2PkceDeviceLogin(AuthorizationServerClient client, Discovery discovery,
			ClientIdentities identities, UserCodePrompt prompt, TokenStore store) {
		DeviceGrant grant = new DeviceGrant(client, discovery, identities, PollingTime.SYSTEM,
				new DeviceCeremonies(store, Clock.systemUTC()));
		return new DeviceLogin(grant, prompt, new LoginClaims(store, Clock.systemUTC(), new SteadyClock()));
	}

	@Bean
	LoginPreparation oauth2PkceLoginPreparation(Discovery discovery, ResourceDemands demands,
			ObjectProvider<BrowserOpener> opener) {
		return new LoginPreparation(discovery, demands, () -> {
			BrowserOpener browser = opener.getIfAvailable();
			return browser != null && browser.isAvailable();
		});
	}

	@Bean(destroyMethod = "close")
	Logins oauth2PkceLogins(Providers providers, ObjectProvider<LoginGrant> grants, LoginPreparation preparation,
			Credentials credentials, LateListeners listeners) {
		return new Logins(providers, grants.orderedStream().toList(), preparation, credentials, Clock.systemUTC(),
				listeners.of(LoginListener.class));
	}

	@Bean
	@ConditionalOnMissingBean
	RequestLogins oauth2PkceRequestLogins(Providers providers, Credentials credentials, Logins logins,
			ResourceDemands demands, Discovery discovery, TokenStore store, OAuth2PkceProperties properties) {
		boolean allowed = switch (properties.login().onRequest()) {
			case ALWAYS -> true;
			case AUTO -> SystemFeatures.isTerminal();
			case NEVER -> false;
		};
		return allowed ? new OnRequestLogins(providers, credentials, logins, demands, discovery,
				new LoginClaims(store, Clock.systemUTC(), new SteadyClock()), properties.login().timeout(),
				new SteadyClock()) : RequestLogins.NEVER;
	}

	/** A failed web login has no user yet: it counts as one of the anonymous user. */
	@Bean
	WebLogins oauth2PkceWebLogins(ObjectProvider<Logins> logins, ResourceDemands demands, TokenStore store) {
		return new WebLogins((providerId, principalName, saved, duration, failure) -> logins.getObject()
			.endedElsewhere(new CredentialId(providerId, (principalName != null) ? principalName : "anonymousUser"),
					duration, failure, saved),
				demands, store, Clock.systemUTC());
	}

	/** First: whoever reports a demand, or logs in because of it, reads it there. */
	@Bean
	@Lazy(false)
	@Order(Ordered.HIGHEST_PRECEDENCE)
	StepUps oauth2PkceStepUps(Providers providers, ResourceDemands demands, Discovery discovery,
			ObjectProvider<Credentials> credentials) {
		return new StepUps(providers, demands, discovery, SingletonSupplier.of(credentials::getObject));
	}

	@Bean
	WebStepUps oauth2PkceWebStepUps(Providers providers, ResourceDemands demands, Credentials credentials) {
		return new WebStepUps(providers, demands, credentials);
	}

	@Bean
	Logout oauth2PkceLogout(Providers providers, Credentials credentials, Logins logins,
			AuthorizationServerClient client, Discovery discovery, ClientIdentities identities) {
		return new Logout(providers, credentials, logins, new RevocationEndpoint(client), discovery, identities);
	}

}
