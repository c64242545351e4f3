package io.github.oauth2pkce.sample.authserver;

import java.time.Clock;

import io.github.oauth2pkce.sample.wire.WireAccount;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.servlet.autoconfigure.HttpEncodingAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

/**
 * An application of its own beside the client, in the same process: its own context, port
 * and auto-configurations, none of them the starter's.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@ImportAutoConfiguration({ PropertyPlaceholderAutoConfiguration.class, JacksonAutoConfiguration.class,
		HttpMessageConvertersAutoConfiguration.class, HttpEncodingAutoConfiguration.class,
		TomcatServletWebServerAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
		WebMvcAutoConfiguration.class, ErrorMvcAutoConfiguration.class, SecurityAutoConfiguration.class,
		ServletWebSecurityAutoConfiguration.class, SecurityFilterAutoConfiguration.class })
@Import({ StorageConfiguration.class, ClientsConfiguration.class, SecurityConfiguration.class, WebConfiguration.class })
public final class DemoAuthorizationServer {

	/**
	 * Starts the server.
	 * @param settings its settings
	 * @param account where it records what it sees on the wire
	 * @return its context, to be closed by the caller
	 */
	public static ConfigurableApplicationContext start(DemoSettings settings, WireAccount account) {
		return start(settings, account, Clock.systemUTC());
	}

	static ConfigurableApplicationContext start(DemoSettings settings, WireAccount account, Clock clock) {
		// As arguments, because they beat whatever the environment says for the client.
		SpringApplicationBuilder builder = new SpringApplicationBuilder(DemoAuthorizationServer.class);
		if (settings.mcp()) {
			builder.sources(RegistrationConfiguration.class, ToolsConfiguration.class);
		}
		// Whoever starts it ends it, when nobody needs it any more: a hook of its own
		// would
		// end it before its clients.
		return builder.web(WebApplicationType.SERVLET)
			.registerShutdownHook(false)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.initializers((context) -> {
				context.getBeanFactory().registerSingleton("demoSettings", settings);
				context.getBeanFactory().registerSingleton("wireAccount", account);
				context.getBeanFactory().registerSingleton("clock", clock);
			})
			.run("--spring.config.name=authorization-server", "--server.address=127.0.0.1",
					"--server.port=" + settings.port());
	}

}
