package io.github.oauth2pkce.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

/** An application as a user has it: auto-configuration and properties, nothing else. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class BenchmarkApplication {

	private static final List<String> DEFAULTS = List.of("spring.main.banner-mode=off", "logging.level.root=error",
			"oauth2.pkce.login.on-startup=never", "server.port=0");

	/**
	 * Starts an application without web server, quietly.
	 * @param properties as {@code name=value}
	 * @param configurations of the user's own
	 * @return the application
	 */
	public static ConfigurableApplicationContext start(List<String> properties, Class<?>... configurations) {
		return start(WebApplicationType.NONE, properties, configurations);
	}

	/**
	 * Starts an application, quietly.
	 * @param type its kind
	 * @param properties as {@code name=value}
	 * @param configurations of the user's own
	 * @return the application
	 */
	public static ConfigurableApplicationContext start(WebApplicationType type, List<String> properties,
			Class<?>... configurations) {
		SpringApplication application = new SpringApplication(BenchmarkApplication.class);
		application.addPrimarySources(List.of(configurations));
		application.setWebApplicationType(type);
		// The last one wins.
		Map<String, String> arguments = new LinkedHashMap<>();
		Stream.concat(DEFAULTS.stream(), properties.stream())
			.forEach((property) -> arguments.put(property.split("=", 2)[0], "--" + property));
		return application.run(arguments.values().toArray(String[]::new));
	}

}
