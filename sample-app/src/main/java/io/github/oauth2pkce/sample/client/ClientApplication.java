package io.github.oauth2pkce.sample.client;

import java.time.Clock;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;
import org.springframework.scheduling.annotation.EnableScheduling;

/**
 * What you would write: nothing here knows of logins or tokens, but for the page about
 * them in {@code page}. See {@code application.yml}.
 */
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
@EnableScheduling
public class ClientApplication {

	@Bean
	Clock clock() {
		return Clock.systemUTC();
	}

}
