package io.github.oauth2pkce.autoconfigure;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.grpc.BearerCallCredentials;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/** {@link PkceGrpcAutoConfiguration}. */
class PkceGrpcAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class, PkceGrpcAutoConfiguration.class))
		.withBean(BearerTokenSource.class, () -> (id) -> Mono.just(BearerToken.Available.of("of-" + id)))
		.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.providers.demo.client-id=cli",
				"oauth2.pkce.providers.demo.base-urls=https://api.example.com/v1");

	@Test
	void isThereWithTheLibrary() {
		this.runner.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(BearerCallCredentials.class));
	}

	@Test
	void startsWithoutTheLibrary() {
		this.runner.withClassLoader(new FilteredClassLoader("io.grpc"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(BearerCallCredentials.class));
	}

}
