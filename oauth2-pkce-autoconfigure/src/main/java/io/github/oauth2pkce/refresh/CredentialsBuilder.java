package io.github.oauth2pkce.refresh;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Listeners;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Exchange;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.TokenChains;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.source.EnvironmentTokenReader;
import io.github.oauth2pkce.source.FileTokenReader;
import io.github.oauth2pkce.source.ForeignTokenReader;
import io.github.oauth2pkce.source.ForeignTokens;
import io.github.oauth2pkce.source.GitHubActionsTokenReader;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.token.TokenEndpoint;

/**
 * Assembles {@link Credentials}. What is not given: credentials are kept in memory,
 * threads are started as they are needed, and the limits are those of the properties'
 * defaults. Not thread-safe.
 */
public final class CredentialsBuilder {

	private final Providers providers;

	private final TokenEndpoint tokenEndpoint;

	private final Discovery discovery;

	private final Map<Grant, MachineGrant> machineGrants = new EnumMap<>(Grant.class);

	private @Nullable ClientIdentities identities;

	private @Nullable ForeignTokens foreignTokens;

	private TokenStore store = new MemoryTokenStore();

	private RefreshSettings settings = RefreshSettings.DEFAULTS;

	private Clocks clocks = new Clocks(InstantSource.system(), new SteadyClock());

	private Function<String, Executor> executors = (providerId) -> CredentialsBuilder::start;

	private List<RefreshListener> listeners = List.of();

	CredentialsBuilder(Providers providers, TokenEndpoint tokenEndpoint, Discovery discovery) {
		this.providers = providers;
		this.tokenEndpoint = tokenEndpoint;
		this.discovery = discovery;
	}

	private static void start(Runnable task) {
		Thread thread = new Thread(task, "oauth2-refresh");
		thread.setDaemon(true);
		thread.start();
	}

	/**
	 * Sets where credentials are kept.
	 * @param store the store
	 * @return this builder
	 */
	public CredentialsBuilder store(TokenStore store) {
		this.store = store;
		return this;
	}

	/**
	 * Sets who we are to servers that are found at run time.
	 * @param identities the clients; by default, those that are configured
	 * @return this builder
	 */
	public CredentialsBuilder identities(ClientIdentities identities) {
		this.identities = identities;
		return this;
	}

	/**
	 * Adds grants that need no person; the first of a kind is used.
	 * @param grants the grants; those that {@link Grant} names need not be among them
	 * @return this builder
	 */
	public CredentialsBuilder machineGrants(List<MachineGrant> grants) {
		grants.forEach((grant) -> this.machineGrants.putIfAbsent(grant.grant(), grant));
		return this;
	}

	/**
	 * Sets where foreign tokens are read.
	 * @param foreignTokens the places; by default files, the environment and other
	 * providers
	 * @return this builder
	 */
	public CredentialsBuilder foreignTokens(ForeignTokens foreignTokens) {
		this.foreignTokens = foreignTokens;
		return this;
	}

	/**
	 * Sets limits.
	 * @param settings the limits
	 * @return this builder
	 */
	public CredentialsBuilder settings(RefreshSettings settings) {
		this.settings = settings;
		return this;
	}

	/**
	 * Sets one clock for everything.
	 * @param clock the clock
	 * @return this builder
	 */
	public CredentialsBuilder clock(InstantSource clock) {
		return clocks(clock, clock);
	}

	/**
	 * Sets the clocks.
	 * @param wall the wall clock, for stamps
	 * @param steady the clock by which things in memory end, such as a
	 * {@link SteadyClock}
	 * @return this builder
	 */
	public CredentialsBuilder clocks(InstantSource wall, InstantSource steady) {
		this.clocks = new Clocks(wall, steady);
		return this;
	}

	/**
	 * Sets what runs blocking work.
	 * @param executor an executor that does not run it on the calling thread
	 * @return this builder
	 */
	public CredentialsBuilder executor(Executor executor) {
		return executors((providerId) -> executor);
	}

	/**
	 * Sets what runs the blocking work of each provider: refreshes that wait for a server
	 * that hangs should not keep others waiting.
	 * @param executors the executors by provider id
	 * @return this builder
	 */
	public CredentialsBuilder executors(Function<String, Executor> executors) {
		this.executors = executors;
		return this;
	}

	/**
	 * Sets who is told what happens, each on a thread of its own.
	 * @param listeners the listeners
	 * @return this builder
	 */
	public CredentialsBuilder listeners(List<RefreshListener> listeners) {
		this.listeners = listeners;
		return this;
	}

	/**
	 * Creates the credentials; reads nothing yet.
	 * @return the credentials
	 */
	public Credentials build() {
		machineGrants(List.of(new ClientCredentialsGrant(this.tokenEndpoint), new JwtBearerGrant(this.tokenEndpoint),
				new TokenExchangeGrant(this.tokenEndpoint)));
		Map<Grant, MachineGrant> machineGrants = Map.copyOf(this.machineGrants);
		TokenStore store = this.store;
		ClientIdentities identities = (this.identities != null) ? this.identities : new ClientIdentities(this.providers,
				this.tokenEndpoint.client(), this.discovery, store, this.clocks.wall(), this.settings.lockTimeout());
		RefreshSettings settings = this.settings;
		Clocks clocks = this.clocks;
		Function<String, Executor> executors = this.executors;
		Listeners<RefreshListener> listeners = new Listeners<>(this.listeners);
		TokenChains chains = new TokenChains(this.providers);
		AtomicReference<@Nullable Credentials> all = new AtomicReference<>();
		ForeignTokens foreignTokens = (this.foreignTokens != null) ? this.foreignTokens
				: new ForeignTokens(readers(all), clocks.wall());
		Credentials credentials = new Credentials(this.providers, listeners, (id, others) -> {
			Provider provider = this.providers.get(id.providerId());
			SourceLogins sources = sources(chains, provider, id, others);
			Issuance issuance = new Issuance(id, provider, this.tokenEndpoint, machineGrants.get(provider.grant()),
					this.discovery, identities, foreignTokens, sources, reader(chains, provider));
			// Other tokens of machines can be obtained anew at any time: not worth a
			// file. Each has a memory of its own, which ends with it.
			return new RefreshableCredential(id, new CredentialRules(provider),
					chains.isKept(provider.id()) ? store : new MemoryTokenStore(), issuance, sources, settings, clocks,
					new Worker(id, executors), new Events(listeners));
		}, settings.callerDeadline());
		all.set(credentials);
		return credentials;
	}

	private List<ForeignTokenReader> readers(AtomicReference<@Nullable Credentials> credentials) {
		UnaryOperator<@Nullable String> environment = System::getenv;
		return List.of(new FileTokenReader(), FileTokenReader.ofKubernetes(), new EnvironmentTokenReader(environment),
				new GitHubActionsTokenReader(environment, this.tokenEndpoint::client),
				new ProviderTokenReader(() -> Objects.requireNonNull(credentials.get())));
	}

	/**
	 * The one provider that reads an identity assertion, unless somebody has said who.
	 */
	private @Nullable Provider reader(TokenChains chains, Provider provider) {
		boolean open = ForeignToken.ID_JAG.equals(provider.exchange().requestedTokenType())
				&& provider.exchange().audience() == null;
		List<String> readers = open ? chains.derived(provider.id()) : List.of();
		return (readers.size() == 1) ? this.providers.get(readers.get(0)) : null;
	}

	private static SourceLogins sources(TokenChains chains, Provider provider, CredentialId id, Credentials others) {
		List<Supplier<RefreshableCredential>> sources = new ArrayList<>();
		for (String source : chains.sources(id.providerId())) {
			sources.add(() -> others.source(source, id.principalName()));
		}
		// The client is the application, whoever is signed in.
		chains.clientSource(id.providerId())
			.ifPresent((source) -> sources.add(() -> others.source(source, CredentialId.APPLICATION)));
		return sources.isEmpty() ? SourceLogins.NONE : new SourceLogins(sources, wanted(provider));
	}

	/** What makes one token of a login another one than the next. */
	private static String wanted(Provider provider) {
		Exchange exchange = provider.exchange();
		List<String> scopes = provider.request().scopes().stream().sorted().toList();
		return Credential.digest(String.join("\n", String.valueOf(exchange.audience()),
				String.valueOf(exchange.requestedTokenType()), String.join(" ", scopes),
				String.join(" ", provider.request().resources()), String.valueOf(provider.issuerUri()),
				provider.client().id(), new TreeMap<>(provider.request().additionalParameters()).toString())) + " ";
	}

}
