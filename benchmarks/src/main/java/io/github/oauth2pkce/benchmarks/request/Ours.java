package io.github.oauth2pkce.benchmarks.request;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.benchmarks.BenchmarkApplication;
import io.github.oauth2pkce.benchmarks.ProviderLayout;
import io.github.oauth2pkce.benchmarks.Tokens;
import io.github.oauth2pkce.refresh.Credentials;

/** The starter, wired by an application that has logged in to all its providers. */
final class Ours {

	private Ours() {
	}

	/**
	 * Starts the application.
	 * @param layout its providers
	 * @param metered whether it has a meter registry
	 * @return the application, whose beans are measured
	 */
	static ConfigurableApplicationContext start(ProviderLayout layout, boolean metered) {
		List<String> properties = new ArrayList<>(layout.properties());
		if (!metered) {
			properties.add("spring.autoconfigure.exclude="
					+ "org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration");
		}
		ConfigurableApplicationContext context = BenchmarkApplication.start(properties);
		Credentials credentials = context.getBean(Credentials.class);
		Providers providers = context.getBean(Providers.class);
		for (int i = 0; i < layout.count(); i++) {
			Provider provider = providers.get(ProviderLayout.id(i));
			Tokens.logIn(credentials, loggedIn(provider, layout), ProviderLayout.TOKEN_ENDPOINT, Duration.ofHours(8),
					"refresh");
		}
		return context;
	}

	private static Provider loggedIn(Provider provider, ProviderLayout layout) {
		return switch (layout) {
			case RESOURCE -> registered(provider);
			case BOUND -> provider.withKey(DpopKey.generate());
			default -> provider;
		};
	}

	/** As if the resource had been asked for its server, and the server for a client. */
	private static Provider registered(Provider provider) {
		return provider.withIssuer("https://login.example.com")
			.withResources(List.of(String.valueOf(provider.resourceUri())))
			.withClient(new RegisteredClient("registered", null, null, ClientAuthenticationMethod.NONE.getValue(),
					"http://127.0.0.1:49152/callback", null, null, List.of()));
	}

}
