package io.github.oauth2pkce.testing;

import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.DefaultResourceLoader;

/**
 * An application with the starter and nothing else: Boot's security modules, which the
 * starter does not bring, are hidden. It keeps its logins in memory and never prompts,
 * unless a property says otherwise.
 */
public final class TestApplication {

	/** What would be configured for the libraries of the shared stores. */
	public static final String STORES = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration,"
			+ "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration,"
			+ "org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration";

	private final WebApplicationType type;

	private final List<Class<?>> sources = new ArrayList<>(List.of(Empty.class));

	private final List<String> arguments = new ArrayList<>();

	private @Nullable LogCapture log;

	private TestApplication(WebApplicationType type) {
		this.type = type;
		with("spring.main.banner-mode=off", "server.port=0", "spring.reactor.netty.shutdown-quiet-period=0s",
				"server.shutdown=immediate", "oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never",
				"spring.main.register-shutdown-hook=false",
				// This application uses neither.
				"spring.autoconfigure.exclude=" + STORES,
				// Nor has it MCP servers.
				"spring.ai.mcp.client.enabled=false", "spring.ai.mcp.client.annotation-scanner.enabled=false");
	}

	public static TestApplication of(WebApplicationType type) {
		return new TestApplication(type);
	}

	public TestApplication with(String... properties) {
		for (String property : properties) {
			String name = property.substring(0, property.indexOf('='));
			this.arguments.removeIf((argument) -> argument.startsWith("--" + name + "="));
			this.arguments.add("--" + property);
		}
		return this;
	}

	public TestApplication with(Class<?>... sources) {
		this.sources.addAll(List.of(sources));
		return this;
	}

	public TestApplication with(LogCapture log) {
		this.log = log;
		return this;
	}

	public ConfigurableApplicationContext run() {
		SpringApplication application = new SpringApplication(new DefaultResourceLoader(WithoutBootSecurity.INSTANCE),
				this.sources.toArray(Class<?>[]::new));
		application.setWebApplicationType(this.type);
		application.setBannerMode(Banner.Mode.OFF);
		if (this.log != null) {
			LogCapture log = this.log;
			application.addInitializers((context) -> log.attach());
		}
		return application.run(this.arguments.toArray(String[]::new));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	public static class Empty {

	}

	/** Hides classes and lists of auto-configurations, which name those classes. */
	private static final class WithoutBootSecurity extends ClassLoader {

		/** One for all: what Spring finds by a class loader, it finds once. */
		private static final ClassLoader INSTANCE = new WithoutBootSecurity();

		WithoutBootSecurity() {
			super(TestApplication.class.getClassLoader());
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			if (name.startsWith("org.springframework.boot.security.")) {
				throw new ClassNotFoundException(name);
			}
			return super.loadClass(name, resolve);
		}

		@Override
		public Enumeration<URL> getResources(String name) throws IOException {
			return Collections.enumeration(Collections.list(super.getResources(name))
				.stream()
				.filter((url) -> !url.getPath().contains("/spring-boot-security"))
				.toList());
		}

	}

}
