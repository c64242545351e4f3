package io.github.oauth2pkce.autoconfigure;

import java.time.Clock;
import java.util.Map;

import ch.qos.logback.classic.LoggerContext;
import io.micrometer.observation.ObservationRegistry;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.BearerListeners;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.configuration.ConfiguredProviders;
import io.github.oauth2pkce.configuration.Limits;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.configuration.ProvidersFactory;
import io.github.oauth2pkce.configuration.RedirectWarning;
import io.github.oauth2pkce.configuration.SpringRegistration;
import io.github.oauth2pkce.configuration.SpringRegistrations;
import io.github.oauth2pkce.device.ConsoleUserCodePrompt;
import io.github.oauth2pkce.device.DeviceGrant;
import io.github.oauth2pkce.device.PollingTime;
import io.github.oauth2pkce.device.UserCodePrompt;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.login.DeviceLogin;
import io.github.oauth2pkce.login.LoginGrant;
import io.github.oauth2pkce.login.LoginListener;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.observability.ApplicationEvents;
import io.github.oauth2pkce.observability.EndpointOverHttp;
import io.github.oauth2pkce.observability.LocalAddresses;
import io.github.oauth2pkce.observability.LogEvents;
import io.github.oauth2pkce.observability.MissingBearers;
import io.github.oauth2pkce.observability.ProviderReports;
import io.github.oauth2pkce.observability.SkipCounts;
import io.github.oauth2pkce.observability.TakenLogFields;
import io.github.oauth2pkce.refresh.ClientCredentialsGrant;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.MachineGrant;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.refresh.RefreshSettings;
import io.github.oauth2pkce.refresh.RefreshingBearerTokenSource;
import io.github.oauth2pkce.refresh.SteadyClock;
import io.github.oauth2pkce.runtime.AnsiPalette;
import io.github.oauth2pkce.runtime.ApplicationConnector;
import io.github.oauth2pkce.runtime.GuardedListeners;
import io.github.oauth2pkce.runtime.HttpClients;
import io.github.oauth2pkce.runtime.LateListeners;
import io.github.oauth2pkce.runtime.LoginRunner;
import io.github.oauth2pkce.runtime.Shutdown;
import io.github.oauth2pkce.runtime.Startup;
import io.github.oauth2pkce.runtime.Workers;
import io.github.oauth2pkce.spring.AnsweredLogins;
import io.github.oauth2pkce.spring.CurrentUser;
import io.github.oauth2pkce.spring.ResourceIndicators;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.terminal.Features;
import io.github.oauth2pkce.terminal.QrCode;
import io.github.oauth2pkce.terminal.SystemFeatures;
import io.github.oauth2pkce.terminal.Terminal;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.ClientAuthentication;
import io.github.oauth2pkce.token.RevocationEndpoint;
import io.github.oauth2pkce.token.TokenEndpoint;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnNotWarDeployment;
import org.springframework.boot.autoconfigure.condition.ConditionalOnNotWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.util.ClassUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Auto-configuration of providers, credentials and logins: everything without HTTP
 * clients of the application.
 */
@AutoConfiguration(after = { HttpClientAutoConfiguration.class, ReactiveHttpClientAutoConfiguration.class })
@ConditionalOnSwitch("oauth2.pkce.enabled")
@EnableConfigurationProperties(OAuth2PkceProperties.class)
@ImportRuntimeHints(PkceRuntimeHints.class)
public final class PkceAutoConfiguration {

	static final String BOOT_OAUTH2_CLIENT = "org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientProperties";

	@Bean
	ConfiguredProviders oauth2PkceConfiguredProviders(OAuth2PkceProperties properties, Environment environment,
			ResourceLoader resourceLoader) {
		new Limits(environment).check(properties);
		Map<String, SpringRegistration> registrations = ClassUtils.isPresent(BOOT_OAUTH2_CLIENT,
				resourceLoader.getClassLoader()) ? SpringRegistrations.read(environment, properties.providers())
						: Map.of();
		return new ProvidersFactory(properties.providers(), registrations, environment).create();
	}

	@Bean
	Providers oauth2PkceProviders(ConfiguredProviders configured) {
		return configured.providers();
	}

	@Bean(destroyMethod = "close")
	Workers oauth2PkceWorkers() {
		return new Workers();
	}

	@Bean
	HttpClients oauth2PkceHttpClients(OAuth2PkceProperties properties, Providers providers,
			ObjectProvider<ClientHttpConnectorBuilder<?>> connectors, ObjectProvider<HttpClientSettings> settings,
			ObjectProvider<SslBundles> sslBundles, ObjectProvider<ObservationRegistry> observations,
			ObjectProvider<ApplicationConnector> applicationConnector, ResourceLoader resourceLoader) {
		HttpClients clients = new HttpClients(
				connectors.getIfAvailable(() -> ClientHttpConnectorBuilder.detect(resourceLoader.getClassLoader())),
				settings.getIfAvailable(HttpClientSettings::defaults), properties, sslBundles.getIfAvailable(),
				observations.getIfAvailable(() -> ObservationRegistry.NOOP), applicationConnector.getIfAvailable());
		providers.forEach(clients::check);
		return clients;
	}

	@Bean
	TokenEndpoint oauth2PkceTokenEndpoint(AuthorizationServerClient client) {
		return new TokenEndpoint(client);
	}

	@Bean
	AuthorizationServerClient oauth2PkceAuthorizationServerClient(HttpClients clients,
			ObjectProvider<ClientAuthentication> authentications, OAuth2PkceProperties properties) {
		return new AuthorizationServerClient(clients::of, authentications.orderedStream().toList(),
				properties.refresh().requestTimeout(), properties.http().maxResponseSize());
	}

	@Bean
	Discovery oauth2PkceDiscovery(AuthorizationServerClient client) {
		return new Discovery(client, new SteadyClock());
	}

	@Bean
	ResourceIndicators oauth2PkceResourceIndicators(Providers providers, Discovery discovery) {
		return new ResourceIndicators(providers, discovery);
	}

	@Bean
	@ConditionalOnMissingBean
	TokenStore oauth2PkceTokenStore(OAuth2PkceProperties properties, Providers providers, Environment environment,
			ResourceLoader resourceLoader) {
		// Without a provider there is nothing to keep, and no directory to make.
		if (providers.isEmpty()) {
			return new MemoryTokenStore();
		}
		return switch (properties.store().type()) {
			case MEMORY -> new MemoryTokenStore();
			case FILE -> new TokenStoreFactory(properties, environment).file();
			// Those have auto-configurations of their own, whose conditions were not met.
			case JDBC, REDIS ->
				throw TokenStoreFactory.missing(properties.store().type(), resourceLoader.getClassLoader());
		};
	}

	@Bean
	RefreshSettings oauth2PkceRefreshSettings(OAuth2PkceProperties properties) {
		return new RefreshSettings(properties.refresh().requestTimeout(), properties.refresh().lockTimeout());
	}

	@Bean
	RedirectWarning oauth2PkceRedirectWarning(ConfiguredProviders configured) {
		return new RedirectWarning(configured);
	}

	@Bean
	LateListeners oauth2PkceLateListeners(ConfigurableListableBeanFactory beans) {
		return new LateListeners(beans);
	}

	@Bean
	Credentials oauth2PkceCredentials(Providers providers, TokenStore store, TokenEndpoint tokenEndpoint,
			ObjectProvider<MachineGrant> machineGrants, Discovery discovery, RefreshSettings settings, Workers workers,
			LateListeners listeners) {
		return Credentials.builder(providers, tokenEndpoint, discovery)
			.store(store)
			.machineGrants(machineGrants.orderedStream().toList())
			.settings(settings)
			.executors(workers::executor)
			.listeners(listeners.of(RefreshListener.class))
			.build();
	}

	@Bean
	@ConditionalOnMissingBean
	BearerTokenSource oauth2PkceBearerTokenSource(Providers providers, Credentials credentials,
			RefreshSettings settings) {
		return new RefreshingBearerTokenSource(providers, credentials, CurrentUser.name(), settings);
	}

	@Bean
	@ConditionalOnMissingBean
	UserCodePrompt oauth2PkceUserCodePrompt(Terminal terminal) {
		return new ConsoleUserCodePrompt(terminal);
	}

	@Bean
	Terminal oauth2PkceTerminal(ObjectProvider<QrCode.Encoder> qrCodes, Environment environment) {
		boolean json = environment.containsProperty("logging.structured.format.console");
		return new Terminal(() -> System.out, () -> features(json), qrCodes.getIfAvailable());
	}

	/** Where a log keeps silent, a prompt is all that a person would ever see. */
	private static Features features(boolean json) {
		Features features = SystemFeatures.now(new AnsiPalette());
		boolean logged = json || LoggerFactory.getLogger(EventLog.LOGGER).isInfoEnabled();
		return (features.prose() || logged) ? features : Features.PLAIN;
	}

	@Bean
	DeviceLogin oauth2PkceDeviceLogin(AuthorizationServerClient client, Discovery discovery, UserCodePrompt prompt) {
		return new DeviceLogin(new DeviceGrant(client, discovery, PollingTime.SYSTEM), prompt);
	}

	@Bean
	ClientCredentialsGrant oauth2PkceClientCredentialsGrant(TokenEndpoint tokenEndpoint) {
		return new ClientCredentialsGrant(tokenEndpoint);
	}

	@Bean(destroyMethod = "close")
	Logins oauth2PkceLogins(Providers providers, ObjectProvider<LoginGrant> grants, Credentials credentials,
			LateListeners listeners) {
		return new Logins(providers, grants.orderedStream().toList(), credentials, Clock.systemUTC(),
				listeners.of(LoginListener.class));
	}

	/** Whoever fails to log in is nobody yet. */
	@Bean
	AnsweredLogins oauth2PkceAnsweredLogins(ObjectProvider<Logins> logins) {
		return new AnsweredLogins((providerId, principalName, saved, duration, failure) -> logins.getObject()
			.endedElsewhere(new CredentialId(providerId, (principalName != null) ? principalName : "anonymousUser"),
					duration, failure, saved));
	}

	@Bean
	Logout oauth2PkceLogout(Providers providers, Credentials credentials, Logins logins,
			AuthorizationServerClient client, Discovery discovery) {
		return new Logout(providers, credentials, logins, new RevocationEndpoint(client), discovery);
	}

	@Bean
	LogEvents oauth2PkceLogEvents(Providers providers, ObjectProvider<ProviderReports> reports) {
		return new LogEvents(providers, SingletonSupplier.of(reports::getObject));
	}

	@Bean
	MissingBearers oauth2PkceMissingBearers(Providers providers, ObjectProvider<ProviderReports> reports) {
		return new MissingBearers(providers, SingletonSupplier.of(reports::getObject));
	}

	@Bean
	static GuardedListeners oauth2PkceGuardedListeners() {
		return new GuardedListeners();
	}

	@Bean
	ApplicationEvents oauth2PkceApplicationEvents(ApplicationEventPublisher publisher) {
		return new ApplicationEvents(publisher);
	}

	@Bean
	SkipCounts oauth2PkceSkipCounts() {
		return new SkipCounts();
	}

	@Bean
	BearerListeners oauth2PkceBearerListeners(ObjectProvider<BearerListener> listeners) {
		return new BearerListeners(
				() -> listeners.orderedStream().filter((listener) -> !(listener instanceof BearerListeners)).toList());
	}

	@Bean
	ProviderReports oauth2PkceProviderReports(Credentials credentials, Logins logins, SkipCounts skips,
			TokenStore store, OAuth2PkceProperties properties, Environment environment,
			ObjectProvider<EndpointOverHttp> endpoint, ObjectProvider<Server> server,
			ObjectProvider<ReactiveServer> reactive, ObjectProvider<EmbeddedServer> embedded,
			ResourceLoader resourceLoader) {
		WebApplicationType type = (server.getIfAvailable() == null) ? WebApplicationType.NONE
				: (reactive.getIfAvailable() == null) ? WebApplicationType.SERVLET : WebApplicationType.REACTIVE;
		boolean browserLogins = ClassUtils.isPresent(BOOT_OAUTH2_CLIENT, resourceLoader.getClassLoader());
		return new ProviderReports(
				credentials, logins, skips, Clock.systemUTC(), store.name(), new LocalAddresses(environment, type,
						embedded.getIfAvailable() != null, browserLogins, endpoint::getIfAvailable),
				properties.health().showPrincipals());
	}

	@Bean
	Startup oauth2PkceStartup(Providers providers, Credentials credentials, Logins logins,
			OAuth2PkceProperties properties, Workers workers, LogEvents log, ApplicationEventPublisher publisher) {
		return new Startup(providers, credentials, logins, properties, workers, log, publisher);
	}

	@Bean
	Shutdown oauth2PkceShutdown(Logins logins, Credentials credentials, Workers workers, HttpClients clients) {
		return new Shutdown(logins, credentials, workers, clients);
	}

	/** Before anything is logged that has fields. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(LoggerContext.class)
	static class Logback {

		Logback() {
			if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
				EventLog.taken(new TakenLogFields(context));
			}
		}

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
		ApplicationListener<ApplicationReadyEvent> oauth2PkceLoginStarter(Startup startup) {
			return (ready) -> startup.logIn();
		}

	}

	/** A server without servlets. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	static class ReactiveServer {

	}

	/** Boot's own server, and not somebody else's servlet container. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnNotWarDeployment
	static class EmbeddedServer {

	}

}
