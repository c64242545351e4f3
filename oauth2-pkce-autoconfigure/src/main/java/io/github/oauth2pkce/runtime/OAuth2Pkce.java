package io.github.oauth2pkce.runtime;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import reactor.core.publisher.Mono;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.device.ConsoleUserCodePrompt;
import io.github.oauth2pkce.device.DeviceGrant;
import io.github.oauth2pkce.device.PollingTime;
import io.github.oauth2pkce.device.UserCodePrompt;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.login.DeviceLogin;
import io.github.oauth2pkce.login.LoginListener;
import io.github.oauth2pkce.login.LoginPreparation;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.login.StepUps;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.refresh.RefreshSettings;
import io.github.oauth2pkce.refresh.RefreshingBearerTokenSource;
import io.github.oauth2pkce.refresh.SteadyClock;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.source.EnvironmentTokenReader;
import io.github.oauth2pkce.source.FileTokenReader;
import io.github.oauth2pkce.source.ForeignTokens;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.target.BaseUrl;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.target.BearerPolicy;
import io.github.oauth2pkce.terminal.Terminal;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.RevocationEndpoint;
import io.github.oauth2pkce.token.TokenEndpoint;

import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.util.unit.DataSize;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Everything assembled without Spring Boot: for programs and tests that have no
 * application context. Immutable and thread-safe; close it when the program ends.
 *
 * @param credentials the logins that are stored, and their refresh
 * @param logins logs people in
 * @param logout logs them out
 * @param tokenSource gives bearers, and never prompts
 * @param filter puts bearers on requests of a {@link WebClient}
 */
public record OAuth2Pkce(Credentials credentials, Logins logins, Logout logout, BearerTokenSource tokenSource,
		BearerTokenFilter filter) implements AutoCloseable {

	private static final Duration LONGEST_TELLING = Duration.ofSeconds(2);

	/**
	 * Starts with providers of the application's own logins.
	 * @param providers the providers
	 * @return a builder whose defaults are those of the properties, but for logins, which
	 * are kept in memory
	 */
	public static Builder with(Provider... providers) {
		return new Builder(List.of(providers));
	}

	/**
	 * Gives running logins up, and saves what has not been saved yet.
	 */
	@Override
	public void close() {
		this.logins.close();
		this.credentials.saveUnsaved();
		this.credentials.awaitListeners(LONGEST_TELLING);
	}

	/** Assembles. Not thread-safe. */
	public static final class Builder {

		private final Providers providers;

		private final Map<String, List<BaseUrl>> baseUrls = new LinkedHashMap<>();

		private TokenStore store = new MemoryTokenStore();

		/** The JDK's client, because it follows no redirects unless it is told to. */
		private WebClient webClient = WebClient.builder().clientConnector(new JdkClientHttpConnector()).build();

		private UserCodePrompt prompt = new ConsoleUserCodePrompt(Terminal.plain(() -> System.out));

		private RefreshSettings settings = RefreshSettings.DEFAULTS;

		private InstantSource clock = InstantSource.system();

		private InstantSource steady = new SteadyClock();

		private PollingTime pollingTime = PollingTime.SYSTEM;

		private List<RefreshListener> refreshListeners = List.of();

		private List<LoginListener> loginListeners = List.of();

		private Builder(List<Provider> providers) {
			this.providers = new Providers(providers);
			providers.forEach((provider) -> this.baseUrls.put(provider.id(), List.of()));
		}

		/**
		 * Sets where the filter sends a provider's bearer.
		 * @param providerId the provider
		 * @param baseUrls https, or http on this machine; without any, only a request
		 * that names the provider has its bearer
		 * @return this builder
		 */
		public Builder baseUrls(String providerId, String... baseUrls) {
			this.providers.get(providerId);
			this.baseUrls.put(providerId, Arrays.stream(baseUrls).map(BaseUrl::parse).toList());
			return this;
		}

		/**
		 * Sets where logins are kept.
		 * @param store the store
		 * @return this builder
		 */
		public Builder store(TokenStore store) {
			this.store = store;
			return this;
		}

		/**
		 * Sets what talks to authorization servers.
		 * @param webClient a client that follows no redirects and has no filter of ours
		 * @return this builder
		 */
		public Builder webClient(WebClient webClient) {
			this.webClient = webClient;
			return this;
		}

		/**
		 * Sets what shows a code to a person, by default the console.
		 * @param prompt the prompt
		 * @return this builder
		 */
		public Builder prompt(UserCodePrompt prompt) {
			this.prompt = prompt;
			return this;
		}

		/**
		 * Sets limits.
		 * @param settings the limits
		 * @return this builder
		 */
		public Builder settings(RefreshSettings settings) {
			this.settings = settings;
			return this;
		}

		/**
		 * Sets the clocks, for tests.
		 * @param wall the wall clock
		 * @param steady the clock that nobody can set
		 * @param pollingTime the time by which polling waits
		 * @return this builder
		 */
		public Builder clocks(InstantSource wall, InstantSource steady, PollingTime pollingTime) {
			this.clock = wall;
			this.steady = steady;
			this.pollingTime = pollingTime;
			return this;
		}

		/**
		 * Sets who is told what happens, each on a thread of its own.
		 * @param refreshListeners are told of refreshes
		 * @param loginListeners are told of logins
		 * @return this builder
		 */
		public Builder listeners(List<RefreshListener> refreshListeners, List<LoginListener> loginListeners) {
			this.refreshListeners = refreshListeners;
			this.loginListeners = loginListeners;
			return this;
		}

		/**
		 * Assembles; contacts nobody yet.
		 * @return what was assembled
		 * @throws IllegalArgumentException when a provider needs Spring Boot
		 */
		public OAuth2Pkce build() {
			KeyFiles keys = new KeyFiles(new DefaultResourceLoader(), null);
			this.providers.forEach((provider) -> check(provider, keys));
			AtomicReference<Discovery> discovered = new AtomicReference<>();
			ForeignTokens foreignTokens = new ForeignTokens(List.of(new FileTokenReader(),
					FileTokenReader.ofKubernetes(), new EnvironmentTokenReader(System::getenv)), this.clock);
			AuthorizationServerClient client = new AuthorizationServerClient((provider) -> this.webClient,
					ClientAuthentications.of(keys, discovered::get, () -> foreignTokens, this.clock),
					this.settings.requestTimeout(), DataSize.ofMegabytes(1));
			TokenEndpoint tokenEndpoint = new TokenEndpoint(client);
			ResourceDemands demands = new ResourceDemands();
			Discovery discovery = new Discovery(client, this.steady, demands);
			discovered.set(discovery);
			AtomicReference<Credentials> built = new AtomicReference<>();
			StepUps stepUps = new StepUps(this.providers, demands, discovery, built::get);
			ClientIdentities identities = new ClientIdentities(this.providers, client, discovery, this.store,
					this.clock, this.settings.lockTimeout(), keys);
			Credentials credentials = Credentials.builder(this.providers, tokenEndpoint, discovery)
				.store(this.store)
				.identities(identities)
				.settings(this.settings)
				.clocks(this.clock, this.steady)
				.listeners(and(this.refreshListeners, stepUps))
				.build();
			built.set(credentials);
			DeviceLogin device = new DeviceLogin(new DeviceGrant(client, discovery, identities, this.pollingTime),
					this.prompt);
			Logins logins = new Logins(this.providers, List.of(device),
					new LoginPreparation(discovery, demands, () -> false), credentials, this.clock,
					and(this.loginListeners, stepUps));
			Logout logout = new Logout(this.providers, credentials, logins, new RevocationEndpoint(client), discovery,
					identities);
			BearerTokenSource source = new RefreshingBearerTokenSource(this.providers, credentials, Mono.empty(),
					this.settings);
			return new OAuth2Pkce(credentials, logins, logout, source,
					new BearerTokenFilter(policies(), source, stepUps));
		}

		private static <T> List<T> and(List<T> listeners, T another) {
			return Stream.concat(listeners.stream(), Stream.of(another)).toList();
		}

		/** What would be ignored in silence, or fail when somebody needs it. */
		private static void check(Provider provider, KeyFiles keys) {
			if (provider.client().sslBundle() != null) {
				throw new IllegalArgumentException("Provider '" + provider.id()
						+ "' has an SSL bundle, which only Spring Boot knows: give a WebClient instead");
			}
			if (ClientAuthenticationMethod.PRIVATE_KEY_JWT.equals(provider.client().authenticationMethod())) {
				keys.check(provider);
			}
			if (provider.grant() == Grant.AUTHORIZATION_CODE) {
				throw new IllegalArgumentException(
						"Provider '" + provider.id() + "' uses authorization_code, which needs an application context");
			}
		}

		private BearerPolicies policies() {
			return new BearerPolicies(this.baseUrls.entrySet()
				.stream()
				.map((entry) -> new BearerPolicy(entry.getKey(), entry.getValue(), false, true))
				.toList());
		}

	}

}
