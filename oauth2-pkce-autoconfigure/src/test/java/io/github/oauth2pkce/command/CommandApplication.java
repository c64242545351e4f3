package io.github.oauth2pkce.command;

import jakarta.servlet.ServletContext;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/**
 * A web application that needs its server, and talks a lot: what must not happen when a
 * command runs instead.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class CommandApplication {

	static final String TALK = "the application ";

	public static void main(String[] arguments) {
		SpringApplication.run(CommandApplication.class, arguments);
		System.out.println(TALK + "goes on");
	}

	/** Made early, and talks to standard output. */
	@Bean
	static org.springframework.beans.factory.config.BeanFactoryPostProcessor talk() {
		return (beans) -> System.out.println("a bean prints to standard output");
	}

	@Bean
	SecurityFilterChain chain(HttpSecurity http) throws Exception {
		return http.build();
	}

	@Bean
	String pathOfTheServlets(ServletContext servlets) {
		return servlets.getContextPath();
	}

	@Bean
	ApplicationRunner runner() {
		return (arguments) -> System.out.println(TALK + "runs");
	}

	@Bean
	SmartLifecycle server() {
		return new SmartLifecycle() {

			@Override
			public void start() {
				System.err.println(TALK + "starts a server");
			}

			@Override
			public void stop() {
			}

			@Override
			public boolean isRunning() {
				return false;
			}

		};
	}

	@EventListener({ ApplicationStartedEvent.class, ApplicationReadyEvent.class })
	void started() {
		System.err.println(TALK + "is told that it has started");
	}

}
