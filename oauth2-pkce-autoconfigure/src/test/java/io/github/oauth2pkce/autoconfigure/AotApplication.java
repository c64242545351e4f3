package io.github.oauth2pkce.autoconfigure;

import java.time.Duration;

import io.github.oauth2pkce.login.Logins;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;

/** A program that is processed ahead of time: it logs in, calls an API and ends. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class AotApplication {

	public static void main(String[] args) {
		SpringApplication.run(AotApplication.class, args).close();
	}

	@Bean
	CommandLineRunner runner(Logins logins, WebClient.Builder builder, @Value("${test.api}") String api) {
		return (arguments) -> {
			logins.logIn("acme");
			System.out.println("the api says "
					+ builder.build().get().uri(api).retrieve().bodyToMono(String.class).block(Duration.ofSeconds(20)));
		};
	}

}
