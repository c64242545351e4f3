package io.github.oauth2pkce.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenInterceptor;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.SkipReason;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestTemplateAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.http.HttpHeaders;
import org.springframework.test.web.client.MockRestServiceServer;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.header;
import static org.springframework.test.web.client.match.MockRestRequestMatchers.headerDoesNotExist;
import static org.springframework.test.web.client.response.MockRestResponseCreators.withNoContent;

/** {@link PkceRestClientAutoConfiguration}. */
class PkceRestClientAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class, PkceRestClientAutoConfiguration.class,
				RestClientAutoConfiguration.class, RestTemplateAutoConfiguration.class))
		.withBean(BearerTokenSource.class, () -> (id) -> Mono.just(BearerToken.Available.of("of-" + id)))
		.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.providers.demo.client-id=cli",
				"oauth2.pkce.providers.demo.base-urls=https://api.example.com/v1");

	@Test
	void givesRestClientsTheBearerBelowBaseUrlsOnly() {
		this.runner.run((context) -> {
			RestClient.Builder builder = context.getBean(RestClient.Builder.class);
			MockRestServiceServer server = MockRestServiceServer.bindTo(builder).build();
			server.expect(header(HttpHeaders.AUTHORIZATION, "Bearer of-demo")).andRespond(withNoContent());
			server.expect(headerDoesNotExist(HttpHeaders.AUTHORIZATION)).andRespond(withNoContent());
			RestClient client = builder.build();
			client.get().uri("https://api.example.com/v1/orders").retrieve().toBodilessEntity();
			client.get().uri("https://api.example.com/v2/orders").retrieve().toBodilessEntity();
			server.verify();
		});
	}

	@Test
	void givesRestTemplatesTheBearerBelowBaseUrlsOnly() {
		this.runner.run((context) -> {
			RestTemplate template = context.getBean(RestTemplateBuilder.class).build();
			MockRestServiceServer server = MockRestServiceServer.createServer(template);
			server.expect(header(HttpHeaders.AUTHORIZATION, "Bearer of-demo")).andRespond(withNoContent());
			server.expect(headerDoesNotExist(HttpHeaders.AUTHORIZATION)).andRespond(withNoContent());
			template.getForEntity("https://api.example.com/v1/orders", Void.class);
			template.getForEntity("https://api.example.com/v2/orders", Void.class);
			server.verify();
		});
	}

	@Test
	void leavesTheCallersAuthorizationOfRestTemplatesAlone() {
		this.runner.run((context) -> {
			RestTemplate template = context.getBean(RestTemplateBuilder.class).basicAuthentication("a", "b").build();
			MockRestServiceServer server = MockRestServiceServer.createServer(template);
			server.expect(header(HttpHeaders.AUTHORIZATION, "Basic YTpi")).andRespond(withNoContent());
			template.getForEntity("https://api.example.com/v1/orders", Void.class);
			server.verify();
		});
	}

	@Test
	void countsOnceForARestClientOverARestTemplate() {
		List<String> propagated = new ArrayList<>();
		this.runner.withBean(BearerListener.class, () -> new BearerListener() {

			@Override
			public void propagated(String providerId) {
				propagated.add(providerId);
			}

			@Override
			public void skipped(String providerId, SkipReason reason) {
			}

		}).run((context) -> {
			RestTemplate template = context.getBean(RestTemplateBuilder.class).build();
			MockRestServiceServer server = MockRestServiceServer.createServer(template);
			server.expect(header(HttpHeaders.AUTHORIZATION, "Bearer of-demo")).andRespond(withNoContent());
			RestClient.Builder builder = RestClient.builder(template);
			context.getBeanProvider(RestClientCustomizer.class)
				.orderedStream()
				.forEach((customizer) -> customizer.customize(builder));
			builder.requestFactory(template.getRequestFactory());
			builder.build().get().uri("https://api.example.com/v1/orders").retrieve().toBodilessEntity();
			server.verify();
			assertThat(propagated).containsExactly("demo");
		});
	}

	@Test
	void leavesClientsAloneWhenToldSo() {
		this.runner.withPropertyValues("oauth2.pkce.restclient.customize=false").run((context) -> {
			assertThat(context).hasSingleBean(BearerTokenInterceptor.class)
				.doesNotHaveBean("oauth2PkceRestClientCustomizer")
				.doesNotHaveBean("oauth2PkceRestTemplateCustomizer");
			assertThat(context.getBean(RestTemplateBuilder.class).build().getInterceptors()).isEmpty();
		});
	}

	@Test
	void startsWithoutRestClient() {
		this.runner.withClassLoader(new FilteredClassLoader(RestClientCustomizer.class, RestClient.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(BearerTokenInterceptor.class));
	}

}
