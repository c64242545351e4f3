package io.github.oauth2pkce.autoconfigure;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.StubTokenSource;
import io.github.oauth2pkce.bearer.TestPolicies;
import io.github.oauth2pkce.bearer.jdk.BearerHttpClient;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/** {@link PkceHttpClientAutoConfiguration}. */
class PkceHttpClientAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class, PkceHttpClientAutoConfiguration.class,
				PkceMcpAutoConfiguration.class))
		.withBean(BearerTokenSource.class, () -> (id) -> Mono.just(BearerToken.Available.of("of-" + id)))
		.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.providers.demo.client-id=cli",
				"oauth2.pkce.providers.demo.base-urls=https://api.example.com/v1");

	@Test
	void sharesItsRulesWithOtherClients() {
		this.runner.run((context) -> assertThat(context).hasNotFailed()
			.hasSingleBean(BearerHttpClient.class)
			.hasSingleBean(BearerExchanges.class));
	}

	@Test
	void backsOffForTheApplicationsOwn() {
		BearerHttpClient theirs = new BearerHttpClient(new BearerExchanges(TestPolicies.forBaseUrls(),
				StubTokenSource.withToken("theirs"), BearerListener.NONE));
		this.runner.withBean(BearerHttpClient.class, () -> theirs)
			.run((context) -> assertThat(context).getBean(BearerHttpClient.class).isSameAs(theirs));
	}

	@Test
	void startsWithoutTheJdksClient() {
		this.runner.withClassLoader(new FilteredClassLoader("java.net.http"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(BearerHttpClient.class));
	}

}
