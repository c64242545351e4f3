package io.github.oauth2pkce.benchmarks.spring;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.AuthorizedClientServiceReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.InMemoryReactiveOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.endpoint.RestClientRefreshTokenTokenResponseClient;
import org.springframework.security.oauth2.client.http.OAuth2ErrorResponseErrorHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.client.OAuth2ClientHttpRequestInterceptor;
import org.springframework.security.oauth2.client.web.reactive.function.client.ServerOAuth2AuthorizedClientExchangeFilterFunction;
import org.springframework.security.oauth2.client.web.reactive.function.client.ServletOAuth2AuthorizedClientExchangeFilterFunction;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.web.client.RestClient;

import io.github.oauth2pkce.benchmarks.ProviderLayout;
import io.github.oauth2pkce.benchmarks.Tokens;

/** Spring Security's own clients, as its reference sets them up outside of a request. */
public final class SpringClients {

	private static final String ID = ProviderLayout.id(0);

	private static final String USER = "anonymousUser";

	private static final Authentication ANONYMOUS = new AnonymousAuthenticationToken("anonymous", USER,
			AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS"));

	private final ClientRegistration registration;

	private final OAuth2AuthorizedClient login;

	private Supplier<@Nullable OAuth2AuthorizedClient> kept = () -> null;

	/**
	 * Creates clients with a login.
	 * @param tokenEndpoint where tokens come from
	 * @param lifetime what is left of the access token; may be over
	 * @param refreshToken the refresh token
	 */
	public SpringClients(String tokenEndpoint, Duration lifetime, String refreshToken) {
		this.registration = ClientRegistration.withRegistrationId(ID)
			.clientId("client")
			.clientAuthenticationMethod(ClientAuthenticationMethod.NONE)
			.authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
			.authorizationUri("https://login.example.com/authorize")
			.redirectUri("http://127.0.0.1/callback")
			.tokenUri(tokenEndpoint)
			.build();
		Instant expiresAt = Instant.now().plus(lifetime);
		this.login = new OAuth2AuthorizedClient(this.registration, USER,
				new OAuth2AccessToken(OAuth2AccessToken.TokenType.BEARER, Tokens.accessToken(ID),
						expiresAt.minus(Duration.ofHours(1)), expiresAt),
				new OAuth2RefreshToken(refreshToken, Instant.now().minus(Duration.ofHours(1))));
	}

	/** The filter for {@code WebClient} without servlets. */
	public ServerOAuth2AuthorizedClientExchangeFilterFunction reactiveFilter() {
		InMemoryReactiveClientRegistrationRepository registrations = new InMemoryReactiveClientRegistrationRepository(
				this.registration);
		InMemoryReactiveOAuth2AuthorizedClientService clients = new InMemoryReactiveOAuth2AuthorizedClientService(
				registrations);
		clients.saveAuthorizedClient(this.login, ANONYMOUS).block();
		this.kept = () -> clients.<OAuth2AuthorizedClient>loadAuthorizedClient(ID, USER).block();
		AuthorizedClientServiceReactiveOAuth2AuthorizedClientManager manager = new AuthorizedClientServiceReactiveOAuth2AuthorizedClientManager(
				registrations, clients);
		manager.setAuthorizedClientProvider(
				ReactiveOAuth2AuthorizedClientProviderBuilder.builder().refreshToken().build());
		ServerOAuth2AuthorizedClientExchangeFilterFunction filter = new ServerOAuth2AuthorizedClientExchangeFilterFunction(
				manager);
		filter.setDefaultClientRegistrationId(ID);
		return filter;
	}

	/**
	 * What the servlet filter needs of a request: without the inbound one it sends no
	 * bearer, and says nothing.
	 * @return sets the attributes of a request
	 */
	public static Consumer<Map<String, Object>> servletAttributes() {
		return (attributes) -> {
			attributes.put(HttpServletRequest.class.getName(), nothing(HttpServletRequest.class));
			attributes.put(HttpServletResponse.class.getName(), nothing(HttpServletResponse.class));
		};
	}

	private static Object nothing(Class<?> type) {
		return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type },
				(proxy, method, arguments) -> null);
	}

	/** The filter for {@code WebClient} with servlets. */
	public ServletOAuth2AuthorizedClientExchangeFilterFunction servletFilter() {
		ServletOAuth2AuthorizedClientExchangeFilterFunction filter = new ServletOAuth2AuthorizedClientExchangeFilterFunction(
				blockingManager());
		filter.setDefaultClientRegistrationId(ID);
		return filter;
	}

	/** The interceptor for {@code RestClient}. */
	public OAuth2ClientHttpRequestInterceptor interceptor() {
		OAuth2ClientHttpRequestInterceptor interceptor = new OAuth2ClientHttpRequestInterceptor(blockingManager());
		interceptor.setClientRegistrationIdResolver((request) -> ID);
		return interceptor;
	}

	/** What the interceptor asks for each request. */
	public OAuth2AuthorizedClientManager blockingManager() {
		InMemoryClientRegistrationRepository registrations = new InMemoryClientRegistrationRepository(
				this.registration);
		OAuth2AuthorizedClientService clients = new InMemoryOAuth2AuthorizedClientService(registrations);
		clients.saveAuthorizedClient(this.login, ANONYMOUS);
		this.kept = () -> clients.loadAuthorizedClient(ID, USER);
		AuthorizedClientServiceOAuth2AuthorizedClientManager manager = new AuthorizedClientServiceOAuth2AuthorizedClientManager(
				registrations, clients);
		manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
			.refreshToken((refresh) -> refresh.accessTokenResponseClient(blockingTokenClient()))
			.build());
		return manager;
	}

	/**
	 * As it is by default, but over the JDK's client: over Reactor Netty, which is
	 * preferred where it is found, the servlet filter's callers wait for each other when
	 * there are more of them than threads.
	 */
	private static RestClientRefreshTokenTokenResponseClient blockingTokenClient() {
		RestClientRefreshTokenTokenResponseClient client = new RestClientRefreshTokenTokenResponseClient();
		client.setRestClient(RestClient.builder()
			.requestFactory(new JdkClientHttpRequestFactory())
			.configureMessageConverters((converters) -> converters.addCustomConverter(new FormHttpMessageConverter())
				.addCustomConverter(new OAuth2AccessTokenResponseHttpMessageConverter()))
			.defaultStatusHandler(new OAuth2ErrorResponseErrorHandler())
			.build());
		return client;
	}

	/**
	 * What the client that was made last keeps now.
	 * @return the refresh token, empty when the login was removed
	 */
	public String refreshToken() {
		OAuth2AuthorizedClient client = this.kept.get();
		OAuth2RefreshToken refreshToken = (client != null) ? client.getRefreshToken() : null;
		return (refreshToken != null) ? refreshToken.getTokenValue() : "";
	}

}
