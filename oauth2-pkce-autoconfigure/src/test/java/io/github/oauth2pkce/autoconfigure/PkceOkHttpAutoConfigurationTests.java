package io.github.oauth2pkce.autoconfigure;

import okhttp3.Interceptor;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.okhttp.BearerOkHttpAuthenticator;
import io.github.oauth2pkce.bearer.okhttp.BearerOkHttpInterceptor;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/** {@link PkceOkHttpAutoConfiguration}. */
class PkceOkHttpAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class, PkceOkHttpAutoConfiguration.class))
		.withBean(BearerTokenSource.class, () -> (id) -> Mono.just(BearerToken.Available.of("of-" + id)))
		.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.providers.demo.client-id=cli",
				"oauth2.pkce.providers.demo.base-urls=https://api.example.com/v1");

	@Test
	void isThereWithTheLibrary() {
		this.runner.run((context) -> assertThat(context).hasNotFailed()
			.hasSingleBean(BearerOkHttpInterceptor.class)
			.hasSingleBean(BearerOkHttpAuthenticator.class));
	}

	@Test
	void anApplicationThatInjectsItsOwnBeanGetsIt() {
		Interceptor theirs = (chain) -> chain.proceed(chain.request());
		this.runner.withBean("theirs", Interceptor.class, () -> theirs)
			.run((context) -> assertThat(context.getBean(Interceptor.class)).isSameAs(theirs));
	}

	@Test
	void startsWithoutTheLibrary() {
		this.runner.withClassLoader(new FilteredClassLoader("okhttp3"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(BearerOkHttpInterceptor.class)
				.doesNotHaveBean(BearerOkHttpAuthenticator.class));
	}

}
