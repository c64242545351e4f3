package io.github.oauth2pkce.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.oauth2pkce.sample.authserver.DemoAuthorizationServer;
import io.github.oauth2pkce.sample.authserver.DemoSettings;
import io.github.oauth2pkce.sample.client.ClientApplication;
import io.github.oauth2pkce.sample.headless.HeadlessRun;
import io.github.oauth2pkce.sample.wire.WireAccount;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.security.oauth2.server.authorization.autoconfigure.servlet.OAuth2AuthorizationServerAutoConfiguration;
import org.springframework.boot.security.oauth2.server.authorization.autoconfigure.servlet.OAuth2AuthorizationServerJwtAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.util.FileSystemUtils;

/**
 * Starts the client application, and before it the demo authorization server unless
 * {@code demo.embedded} is false.
 */
public final class SampleApplication {

	/**
	 * Here for the authorization server; they would lock the pages of the client, which
	 * in an application of its own would not have them on the class path.
	 */
	private static final String NOT_FOR_THE_CLIENT = Stream
		.of(SecurityAutoConfiguration.class, UserDetailsServiceAutoConfiguration.class,
				ServletWebSecurityAutoConfiguration.class, SecurityFilterAutoConfiguration.class,
				ManagementWebSecurityAutoConfiguration.class, OAuth2AuthorizationServerAutoConfiguration.class,
				OAuth2AuthorizationServerJwtAutoConfiguration.class)
		.map(Class::getName)
		.collect(Collectors.joining(","));

	private SampleApplication() {
	}

	public static void main(String[] args) throws IOException {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources().addFirst(new SimpleCommandLinePropertySource(args));
		WireAccount account = new WireAccount();
		if ("auto".equals(environment.getProperty("demo.approve"))) {
			System.exit(runHeadless(account, environment.matchesProfiles("mcp"), args));
		}
		start(account, Map.of(), args);
	}

	private static int runHeadless(WireAccount account, boolean mcp, String[] args) throws IOException {
		Path directory = Files.createTempDirectory("oauth2-pkce-demo-");
		try {
			// So short that a run of seconds spans several token lifetimes.
			Map<String, Object> hurried = new HashMap<>(Map.of("demo.access-token-lifetime", "4s",
					"catalogue.time-to-live", "1s", "demo.data-directory", directory.toString()));
			if (mcp) {
				// No window opens where there is a browser.
				hurried.put("oauth2.pkce.providers.tools.authorization-grant-type", "device_code");
			}
			return new HeadlessRun(() -> start(account, hurried, args), account, System.out).run();
		}
		finally {
			FileSystemUtils.deleteRecursively(directory);
		}
	}

	static ConfigurableApplicationContext start(WireAccount account, Map<String, Object> defaults, String... args) {
		Map<String, Object> properties = new HashMap<>(defaults);
		properties.put("spring.autoconfigure.exclude", NOT_FOR_THE_CLIENT);
		return new SpringApplicationBuilder(ClientApplication.class).properties(properties)
			.initializers((context) -> startAuthorizationServer(context, account))
			.run(args);
	}

	private static void startAuthorizationServer(ConfigurableApplicationContext client, WireAccount account) {
		if (!client.getEnvironment().getProperty("demo.embedded", Boolean.class, true)) {
			return;
		}
		DemoSettings settings = Binder.get(client.getEnvironment()).bindOrCreate("demo", DemoSettings.class);
		ConfigurableApplicationContext server = DemoAuthorizationServer.start(settings, account);
		// Ends after the client's own beans, which may still talk to it.
		((DefaultListableBeanFactory) client.getBeanFactory()).registerDisposableBean("demoAuthorizationServer",
				server::close);
	}

}
