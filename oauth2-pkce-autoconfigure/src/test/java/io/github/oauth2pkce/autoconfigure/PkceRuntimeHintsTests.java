package io.github.oauth2pkce.autoconfigure;

import java.io.Console;
import java.io.PrintStream;

import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.configuration.ProviderProperties;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.TypeReference;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientProperties;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

class PkceRuntimeHintsTests {

	private final RuntimeHints hints = new RuntimeHints();

	@ParameterizedTest
	@ValueSource(strings = { "h2", "postgresql", "mysql", "mariadb" })
	void schemaScriptsAreFound(String platform) {
		new PkceRuntimeHints().registerHints(this.hints, getClass().getClassLoader());
		String script = "io/github/oauth2pkce/store/schema-" + platform + ".sql";
		assertThat(getClass().getClassLoader().getResource(script)).isNotNull();
		assertThat(RuntimeHintsPredicates.resource().forResource(script)).accepts(this.hints);
	}

	@Test
	void methodsOfNewerJdksAreFound() {
		new PkceRuntimeHints().registerHints(this.hints, getClass().getClassLoader());
		assertThat(this.hints.reflection().getTypeHint(Console.class)).isNotNull();
		assertThat(this.hints.reflection().getTypeHint(PrintStream.class)).isNotNull();
	}

	@Test
	void whatIsLookedForInTheMcpSdkIsFound() {
		new PkceRuntimeHints().registerHints(this.hints, getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection()
			.onMethodInvocation(HttpClientStreamableHttpTransport.Builder.class, "addAsyncHttpRequestCustomizer"))
			.accepts(this.hints);
		assertThat(RuntimeHintsPredicates.reflection()
			.onFieldAccess(HttpClientStreamableHttpTransport.Builder.class, "authorizationErrorHandler"))
			.accepts(this.hints);
	}

	@Test
	void springsOwnPropertiesAreBoundWhereTheyAre() {
		new PkceRuntimeHints().registerHints(this.hints, getClass().getClassLoader());
		for (Class<?> type : new Class<?>[] { OAuth2ClientProperties.class, OAuth2ClientProperties.Registration.class,
				OAuth2ClientProperties.Provider.class }) {
			assertThat(RuntimeHintsPredicates.reflection().onType(type)).as(type.getName()).accepts(this.hints);
		}
		assertThat(RuntimeHintsPredicates.reflection()
			.onMethodInvocation(OAuth2ClientProperties.Registration.class, "setClientId")).accepts(this.hints);
	}

	@Test
	void worksWithoutBootsOAuth2Client() {
		new PkceRuntimeHints().registerHints(this.hints,
				new FilteredClassLoader("org.springframework.boot.security.oauth2"));
		assertThat(this.hints.reflection().getTypeHint(TypeReference.of(OAuth2ClientProperties.class))).isNull();
	}

	/** Those that Boot makes of the properties and Spring of the beans. */
	@Test
	void processingBindsThePropertiesOfEveryLevel() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class))
			.withPropertyValues("oauth2.pkce.store.type=memory")
			.run((started) -> {
				GenericApplicationContext context = new GenericApplicationContext();
				context.setEnvironment(started.getEnvironment());
				new org.springframework.context.annotation.AnnotatedBeanDefinitionReader(context)
					.register(PkceAutoConfiguration.class);
				TestGenerationContext generation = new TestGenerationContext();
				new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
				for (Class<?> type : new Class<?>[] { OAuth2PkceProperties.class, OAuth2PkceProperties.Store.class,
						OAuth2PkceProperties.Store.Jdbc.class, OAuth2PkceProperties.Login.class,
						ProviderProperties.class, ProviderProperties.Refresh.class }) {
					assertThat(generation.getRuntimeHints().reflection().getTypeHint(type)).as(type.getName())
						.isNotNull();
				}
				assertThat(RuntimeHintsPredicates.resource().forResource("io/github/oauth2pkce/store/schema-h2.sql"))
					.as("imported with the configuration")
					.accepts(generation.getRuntimeHints());
			});
	}

}
