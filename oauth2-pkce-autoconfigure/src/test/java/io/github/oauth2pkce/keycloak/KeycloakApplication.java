package io.github.oauth2pkce.keycloak;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;

/** A program that calls Keycloak's userinfo endpoint, as any API. */
final class KeycloakApplication implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private KeycloakApplication(ConfigurableApplicationContext context) {
		this.context = context;
	}

	/**
	 * Start it.
	 * @param directory of its logins
	 * @param properties those of providers begin with the provider's id
	 */
	static KeycloakApplication start(Path directory, List<String> properties) {
		List<String> arguments = new ArrayList<>(
				List.of("--spring.main.banner-mode=off", "--oauth2.pkce.store.type=file",
						"--oauth2.pkce.store.directory=" + directory, "--oauth2.pkce.login.on-startup=never"));
		properties.forEach((property) -> arguments
			.add("--" + (property.startsWith("spring.") ? "" : "oauth2.pkce.providers.") + property));
		return new KeycloakApplication(new SpringApplicationBuilder(Program.class).web(WebApplicationType.NONE)
			.run(arguments.toArray(String[]::new)));
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	/**
	 * Who the bearer speaks for.
	 * @return the user name, or the status if it is not 200
	 */
	String call(String userInfoEndpoint) {
		return String.valueOf(bean(WebClient.class).get()
			.uri(URI.create(userInfoEndpoint))
			.exchangeToMono((answer) -> answer.bodyToMono(String.class)
				.defaultIfEmpty("")
				.map((body) -> (answer.statusCode().value() == 200)
						? JsonMapper.shared().readTree(body).path("preferred_username").stringValue()
						: String.valueOf(answer.statusCode().value())))
			.block(Duration.ofSeconds(60)));
	}

	@Override
	public void close() {
		this.context.close();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Program {

		@Bean
		WebClient webClient(WebClient.Builder builder) {
			return builder.build();
		}

	}

}
