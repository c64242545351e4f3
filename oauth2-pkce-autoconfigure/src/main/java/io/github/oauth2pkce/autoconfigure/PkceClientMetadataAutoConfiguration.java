package io.github.oauth2pkce.autoconfigure;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.authentication.ClientKeys;
import io.github.oauth2pkce.configuration.InvalidPropertyException;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.configuration.ProviderProperties;
import io.github.oauth2pkce.configuration.ProviderSettings;
import io.github.oauth2pkce.registration.ClientMetadataDocument;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Auto-configuration of the client id metadata document that a web application serves
 * about itself.
 */
@AutoConfiguration(after = PkceAutoConfiguration.class)
@ConditionalOnBean(Providers.class)
@Conditional(PkceClientMetadataAutoConfiguration.OnServedMetadata.class)
public final class PkceClientMetadataAutoConfiguration {

	private static final String PATH = "/oauth2-pkce/client.json";

	/** Anew for each request: it has the key that signs now. */
	private static Map<String, Object> document(OAuth2PkceProperties properties, Providers providers, ClientKeys keys) {
		List<Provider> served = new ArrayList<>();
		for (Map.Entry<String, ProviderProperties> entry : properties.providers().entrySet()) {
			if (entry.getValue().registration().serveMetadata()) {
				Provider provider = providers.get(entry.getKey());
				check(provider, served);
				served.add(provider);
			}
		}
		return ClientMetadataDocument.of(served, keys);
	}

	/** The document names its own address, which only the operator knows from outside. */
	private static void check(Provider provider, List<Provider> served) {
		URI address = provider.registration().clientMetadataUri();
		String property = ProviderSettings.prefix(provider.id()) + ".client-metadata-uri";
		if (address == null) {
			throw new InvalidPropertyException(property, null, "is missing, and registration.serve-metadata is true",
					"Set it to the address of " + PATH + " as authorization servers reach it, by https.");
		}
		if (!served.isEmpty() && !address.equals(served.get(0).registration().clientMetadataUri())) {
			throw new InvalidPropertyException(property, address.toString(),
					"is another address than that of '" + served.get(0).id() + "', and both are served here",
					"Use one address for all providers with registration.serve-metadata.");
		}
	}

	/** For servlet applications with Spring MVC. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	@ConditionalOnClass(org.springframework.web.servlet.function.RouterFunction.class)
	static class Servlet {

		@Bean
		org.springframework.web.servlet.function.RouterFunction<org.springframework.web.servlet.function.ServerResponse> oauth2PkceClientMetadata(
				OAuth2PkceProperties properties, Providers providers, ClientKeys keys) {
			document(properties, providers, keys);
			return org.springframework.web.servlet.function.RouterFunctions.route()
				.GET(PATH,
						(request) -> org.springframework.web.servlet.function.ServerResponse.ok()
							.contentType(MediaType.APPLICATION_JSON)
							.body(document(properties, providers, keys)))
				.build();
		}

	}

	/** For reactive applications. */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	@ConditionalOnClass(RouterFunction.class)
	static class Reactive {

		@Bean
		RouterFunction<ServerResponse> oauth2PkceClientMetadata(OAuth2PkceProperties properties, Providers providers,
				ClientKeys keys) {
			document(properties, providers, keys);
			return RouterFunctions.route()
				.GET(PATH,
						(request) -> Mono.fromCallable(() -> document(properties, providers, keys))
							.subscribeOn(Schedulers.boundedElastic())
							.flatMap((document) -> ServerResponse.ok()
								.contentType(MediaType.APPLICATION_JSON)
								.bodyValue(document)))
				.build();
		}

	}

	/** Before the properties are bound. */
	static final class OnServedMetadata extends SpringBootCondition {

		@Override
		public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
			Binder binder = Binder.get(context.getEnvironment());
			boolean served = binder.bind("oauth2.pkce.providers", Bindable.mapOf(String.class, Object.class))
				.map((providers) -> providers.keySet()
					.stream()
					.anyMatch((id) -> binder
						.bind(ProviderSettings.prefix(id) + ".registration.serve-metadata", Boolean.class)
						.orElse(false)))
				.orElse(false);
			ConditionMessage.Builder message = ConditionMessage.forCondition("Client id metadata document");
			return served ? ConditionOutcome.match(message.because("a provider serves one"))
					: ConditionOutcome.noMatch(message.because("no provider serves one"));
		}

	}

}
