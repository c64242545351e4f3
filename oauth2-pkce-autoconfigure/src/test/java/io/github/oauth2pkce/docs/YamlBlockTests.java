package io.github.oauth2pkce.docs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauth2pkce.autoconfigure.PkceAuthorizedClientAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceClientRegistrationAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceRestClientAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceWebClientAutoConfiguration;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.docs.Page.Block;
import io.github.oauth2pkce.testing.TestKeys;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each YAML block is configuration that an application starts with: every property in it
 * exists, its values are accepted, and the providers in it can be made. A block that is
 * something else says what, in a comment above it:
 * {@code <!-- not configuration: a Prometheus file -->}.
 */
@Timeout(60)
class YamlBlockTests {

	/** Base64 of 32 bytes, so that it may also stand for an encryption key. */
	private static final String ANY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

	private static final KnownProperties KNOWN = known();

	/** What an example calls {@code /etc/billing}. */
	@TempDir
	@SuppressWarnings("NullAway.Init")
	private static Path files;

	@BeforeAll
	static void writeFiles() {
		TestKeys keys = TestKeys.generate(files, "billing");
		keys.writeKey(files.resolve("key.pem"));
		keys.writeKey(files.resolve("tls.key"));
		keys.writeCertificate(files.resolve("tls.crt"));
	}

	private static KnownProperties known() {
		try {
			return new KnownProperties();
		}
		catch (IOException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	static List<Block> blocks() {
		return Page.all()
			.stream()
			.flatMap((page) -> page.blocks().stream())
			.filter((block) -> block.language().equals("yaml"))
			.filter((block) -> block.comment("not configuration").isEmpty())
			.toList();
	}

	@ParameterizedTest
	@MethodSource("blocks")
	void eachPropertyExists(Block block) throws IOException {
		for (PropertySource<?> document : documents(block.text())) {
			assertThat(((EnumerablePropertySource<?>) document).getPropertyNames()).isNotEmpty()
				.allSatisfy((name) -> assertThat(KNOWN.contains(ConfigurationPropertyName.adapt(name, '.'))).as(name)
					.isTrue());
			Binder binder = Binder.get(environment(document));
			binder.bind("oauth2.pkce", Bindable.of(OAuth2PkceProperties.class),
					new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
			binder.bind("spring.security.oauth2.client", Bindable.of(OAuth2ClientProperties.class),
					new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
		}
	}

	@ParameterizedTest
	@MethodSource("blocks")
	void anApplicationStartsWithIt(Block block) throws IOException {
		String text = block.text().replace("file:/etc/billing/", files.toUri().toString());
		for (PropertySource<?> document : documents(text)) {
			new ApplicationContextRunner()
				.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, PkceAutoConfiguration.class,
						PkceClientRegistrationAutoConfiguration.class, PkceWebClientAutoConfiguration.class,
						PkceRestClientAutoConfiguration.class, PkceAuthorizedClientAutoConfiguration.class))
				.withInitializer((context) -> {
					MutablePropertySources sources = context.getEnvironment().getPropertySources();
					sources.addFirst(document);
					sources.addFirst(new MapPropertySource("not here", Map.of("oauth2.pkce.store.type", "memory",
							"oauth2.pkce.login.on-startup", "never", "oauth2.pkce.startup.refresh", "false")));
					sources.addLast(new Anything());
				})
				.run((context) -> assertThat(context).hasNotFailed());
		}
	}

	@Test
	void findsMistakes() {
		assertThat(KNOWN.contains(ConfigurationPropertyName.of("management.endpoint.health.status.order[0]"))).isTrue();
		assertThat(KNOWN.contains(ConfigurationPropertyName.of("logging.level.io.github.oauth2pkce"))).isTrue();
		assertThat(KNOWN.contains(ConfigurationPropertyName.of("management.endpoint.health.status.ordre"))).isFalse();
		assertThat(KNOWN.contains(ConfigurationPropertyName.of("management.endpoints.web.exposure.includes")))
			.isFalse();
		assertThat(blocks()).hasSizeGreaterThan(5);
	}

	private static List<PropertySource<?>> documents(String yaml) throws IOException {
		return new YamlPropertySourceLoader().load("docs",
				new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)));
	}

	private static StandardEnvironment environment(PropertySource<?> document) {
		StandardEnvironment environment = new StandardEnvironment();
		new ArrayList<>(environment.getPropertySources().stream().toList())
			.forEach((source) -> environment.getPropertySources().remove(source.getName()));
		environment.getPropertySources().addFirst(document);
		environment.getPropertySources().addLast(new Anything());
		return environment;
	}

	/** What a reader is to put into the environment, in capital letters. */
	private static final class Anything extends PropertySource<Object> {

		Anything() {
			super("anything", new Object());
		}

		@Override
		public Object getProperty(String name) {
			return name.matches("[A-Z][A-Z0-9_]+") ? ANY : null;
		}

	}

}
