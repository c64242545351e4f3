package io.github.oauth2pkce.autoconfigure;

import java.time.Clock;

import ch.qos.logback.classic.LoggerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.RequestLogins;
import io.github.oauth2pkce.configuration.ConfiguredProviders;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.observability.ApplicationEvents;
import io.github.oauth2pkce.observability.EndpointOverHttp;
import io.github.oauth2pkce.observability.LocalAddresses;
import io.github.oauth2pkce.observability.LogEvents;
import io.github.oauth2pkce.observability.MissingBearers;
import io.github.oauth2pkce.observability.ProviderReports;
import io.github.oauth2pkce.observability.SkipCounts;
import io.github.oauth2pkce.observability.StepUpNotices;
import io.github.oauth2pkce.observability.TakenLogFields;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.runtime.GuardedListeners;
import io.github.oauth2pkce.runtime.LateRequestLogins;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.target.BearerPolicy;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnNotWarDeployment;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.util.ClassUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * What people are told: log events, application events, reports. Those that a request
 * tells are made at the start: a request must not make beans, for which Spring has one
 * lock.
 */
@Configuration(proxyBeanMethods = false)
@Lazy
class ReportsConfiguration {

	@Bean
	@Lazy(false)
	LogEvents oauth2PkceLogEvents(Providers providers, ObjectProvider<ProviderReports> reports) {
		return new LogEvents(providers, SingletonSupplier.of(reports::getObject));
	}

	@Bean
	@Lazy(false)
	MissingBearers oauth2PkceMissingBearers(Providers providers, ConfiguredProviders configured,
			ObjectProvider<ProviderReports> reports, ObjectProvider<RequestLogins> requestLogins) {
		return new MissingBearers(providers, (id) -> fails(configured.policies().of(id)),
				SingletonSupplier.of(reports::getObject), new LateRequestLogins(requestLogins));
	}

	private static boolean fails(@Nullable BearerPolicy policy) {
		return policy != null && policy.failOnMissingToken();
	}

	@Bean
	@Lazy(false)
	StepUpNotices oauth2PkceStepUpNotices(Providers providers, ResourceDemands demands,
			ObjectProvider<ProviderReports> reports, ApplicationEventPublisher publisher,
			ObjectProvider<RequestLogins> requestLogins) {
		return new StepUpNotices(providers, demands, SingletonSupplier.of(reports::getObject), publisher,
				new LateRequestLogins(requestLogins));
	}

	@Bean
	static GuardedListeners oauth2PkceGuardedListeners() {
		return new GuardedListeners();
	}

	@Bean
	@Lazy(false)
	ApplicationEvents oauth2PkceApplicationEvents(ApplicationEventPublisher publisher) {
		return new ApplicationEvents(publisher);
	}

	@Bean
	@Lazy(false)
	SkipCounts oauth2PkceSkipCounts() {
		return new SkipCounts();
	}

	@Bean
	@Lazy(false)
	ProviderReports oauth2PkceProviderReports(Credentials credentials, ResourceDemands demands, Logins logins,
			SkipCounts skips, TokenStore store, OAuth2PkceProperties properties, Environment environment,
			ObjectProvider<EndpointOverHttp> endpoint, ObjectProvider<LifeConfiguration.Server> server,
			ObjectProvider<ReactiveServer> reactive, ObjectProvider<EmbeddedServer> embedded,
			ResourceLoader resourceLoader) {
		WebApplicationType type = (server.getIfAvailable() == null) ? WebApplicationType.NONE
				: (reactive.getIfAvailable() == null) ? WebApplicationType.SERVLET : WebApplicationType.REACTIVE;
		boolean browserLogins = ClassUtils.isPresent(PkceAutoConfiguration.BOOT_OAUTH2_CLIENT,
				resourceLoader.getClassLoader());
		return new ProviderReports(
				credentials, demands, logins, skips, Clock.systemUTC(), store.name(), new LocalAddresses(environment,
						type, embedded.getIfAvailable() != null, browserLogins, endpoint::getIfAvailable),
				properties.health().showPrincipals());
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

}
