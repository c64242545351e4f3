package io.github.oauth2pkce.autoconfigure;

import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.customizer.McpAsyncHttpClientRequestCustomizer;
import io.modelcontextprotocol.client.transport.customizer.McpHttpClientTransportAuthorizationErrorHandler;
import io.modelcontextprotocol.client.transport.customizer.McpSyncHttpClientRequestCustomizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.ai.mcp.customizer.McpClientCustomizer;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.mcp.McpBearers;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.ResolvableType;

import static org.assertj.core.api.Assertions.assertThat;

/** {@link PkceMcpAutoConfiguration}. */
class PkceMcpAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class, PkceMcpAutoConfiguration.class))
		.withBean(BearerTokenSource.class, () -> (id) -> Mono.just(BearerToken.Available.of("of-" + id)))
		.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.providers.demo.client-id=cli",
				"oauth2.pkce.providers.demo.base-urls=https://api.example.com/mcp");

	@Test
	void hasABeanForEachPlugOfTheSdk() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(McpAsyncHttpClientRequestCustomizer.class)
				.hasSingleBean(McpSyncHttpClientRequestCustomizer.class)
				.hasSingleBean(McpHttpClientTransportAuthorizationErrorHandler.class);
			assertThat(context.getBeanNamesForType(ResolvableType.forClassWithGenerics(McpClientCustomizer.class,
					HttpClientStreamableHttpTransport.Builder.class)))
				.hasSize(1);
			assertThat(context
				.getBeanNamesForType(ResolvableType.forClassWithGenerics(McpClientCustomizer.class, String.class)))
				.isEmpty();
		});
	}

	@Test
	void anApplicationThatInjectsItsOwnBeanGetsIt() {
		McpSyncHttpClientRequestCustomizer theirs = (builder, method, uri, body, context) -> {
		};
		this.runner.withBean("theirs", McpSyncHttpClientRequestCustomizer.class, () -> theirs).run((context) -> {
			assertThat(context.getBean(McpSyncHttpClientRequestCustomizer.class)).isSameAs(theirs);
			// As Spring AI asks for them.
			assertThat(context.getBeanProvider(McpSyncHttpClientRequestCustomizer.class).orderedStream()).hasSize(2)
				.first()
				.isSameAs(theirs);
		});
	}

	@ParameterizedTest
	@CsvSource({ "io.modelcontextprotocol.modern, oauth2PkceMcpStateless",
			"org.springframework.ai, oauth2PkceMcpTransportCustomizer" })
	void worksWithoutWhatIsOptionalInItself(String missing, String beans) {
		this.runner.withClassLoader(new FilteredClassLoader(missing))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(McpAsyncHttpClientRequestCustomizer.class)
				.satisfies((started) -> assertThat(started.getBeanDefinitionNames())
					.noneMatch((name) -> name.startsWith(beans))));
	}

	@Test
	void startsWithoutTheSdk() {
		this.runner.withClassLoader(new FilteredClassLoader("io.modelcontextprotocol"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(McpBearers.class));
	}

}
