package io.github.oauth2pkce.compatibility;

import java.net.URI;
import java.time.Duration;
import java.util.Objects;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.store.CredentialId;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * A program that DevTools restarts: it calls the API, and tells by what. It ends when its
 * standard input does.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class RestartedApplication implements ApplicationRunner {

	private final WebClient client;

	private final Credentials credentials;

	RestartedApplication(WebClient.Builder builder, Credentials credentials) {
		this.client = builder.build();
		this.credentials = credentials;
	}

	public static void main(String[] arguments) {
		SpringApplication application = new SpringApplication(RestartedApplication.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.run(arguments);
	}

	@Override
	public void run(ApplicationArguments arguments) {
		URI api = URI.create(Objects.requireNonNull(arguments.getOptionValues("api")).get(0));
		this.client.get().uri(api).exchangeToMono((response) -> response.releaseBody()).block(Duration.ofSeconds(10));
		AuthorizationState state = this.credentials.status(CredentialId.ofApplication("acme")).state();
		System.out.println("called: " + state + ", loaded by " + getClass().getClassLoader().getClass().getSimpleName()
				+ ", watches: " + threads("oauth2-store-watch"));
	}

	private static long threads(String name) {
		return Thread.getAllStackTraces().keySet().stream().filter((thread) -> thread.getName().equals(name)).count();
	}

}
