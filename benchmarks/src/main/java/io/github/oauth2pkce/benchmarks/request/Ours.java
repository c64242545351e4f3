package io.github.oauth2pkce.benchmarks.request;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.springframework.context.ConfigurableApplicationContext;

import io.github.oauth2pkce.benchmarks.BenchmarkApplication;
import io.github.oauth2pkce.benchmarks.ProviderLayout;
import io.github.oauth2pkce.benchmarks.Tokens;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.CredentialId;

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
		for (int i = 0; i < layout.count(); i++) {
			Tokens.logIn(credentials, CredentialId.ofApplication(ProviderLayout.id(i)), ProviderLayout.TOKEN_ENDPOINT,
					Duration.ofHours(8), "refresh");
		}
		return context;
	}

}
