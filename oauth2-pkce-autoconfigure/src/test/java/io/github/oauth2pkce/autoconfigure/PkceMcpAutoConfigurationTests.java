package io.github.oauth2pkce.autoconfigure;

import java.util.List;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.customizer.McpAsyncHttpClientRequestCustomizer;
import io.modelcontextprotocol.client.transport.customizer.McpHttpClientTransportAuthorizationErrorHandler;
import io.modelcontextprotocol.client.transport.customizer.McpSyncHttpClientRequestCustomizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.mcp.customizer.McpClientCustomizer;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.mcp.McpBearers;
import io.github.oauth2pkce.testing.LogCapture;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.ResolvableType;

import static org.assertj.core.api.Assertions.assertThat;

/** {@link PkceMcpAutoConfiguration}. */
class PkceMcpAutoConfigurationTests {

	private static final String STATELESS = "io.modelcontextprotocol.modern";

	private static final String SPRING_AI = "org.springframework.ai";

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
	@ValueSource(strings = { STATELESS, SPRING_AI })
	void worksWithout(String missing) {
		this.runner.withClassLoader(new FilteredClassLoader(missing))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(McpAsyncHttpClientRequestCustomizer.class)
				.satisfies((present) -> assertThat(names(Stream.of(present.getBeanDefinitionNames())))
					.isEqualTo(missing.equals(STATELESS) ? List.of("oauth2PkceMcpTransportCustomizer")
							: List.of("oauth2PkceMcpStatelessAuthorizationErrorHandler",
									"oauth2PkceMcpStatelessRequestCustomizer"))));
	}

	private static List<String> names(Stream<String> all) {
		return all.filter((name) -> name.startsWith("oauth2PkceMcpStateless") || name.endsWith("TransportCustomizer"))
			.sorted()
			.toList();
	}

	@Test
	void startsWithoutTheSdk() {
		this.runner.withClassLoader(new FilteredClassLoader("io.modelcontextprotocol"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(McpBearers.class));
	}

	@Test
	void saysNothingOfAnSdkThatCanDoIt() {
		try (LogCapture log = LogCapture.of("io.github.oauth2pkce.mcp", Level.WARN)) {
			this.runner.run((context) -> assertThat(context).hasNotFailed());
			assertThat(log.events()).isEmpty();
		}
	}

}
