package io.github.oauth2pkce.refresh;

import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.Listeners;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.TokenChains;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.token.IssuedTokens;
import io.github.oauth2pkce.token.Scopes;
import io.github.oauth2pkce.token.TokenEndpoint;
import io.github.oauth2pkce.token.TokenResponse;

/**
 * All credentials of this process, each with its one refresh flight. Thread-safe.
 * Everything that leaves memory runs on the given executors, detached from the caller.
 */
public final class Credentials {

	private final Providers providers;

	private final Listeners<RefreshListener> listeners;

	private final Function<CredentialId, RefreshableCredential> factory;

	private final TokenChains chains;

	private final Duration patience;

	private final Map<String, RefreshableCredential> ofApplication;

	/** {@code null} until there is a user: most programs have none. */
	private volatile @Nullable UserCredentials users;

	/**
	 * Creates the credentials.
	 * @param providers the providers
	 * @param listeners are told what happens
	 * @param factory makes a credential that nobody has asked for yet, and is given these
	 * to find those that it depends on
	 * @param patience how long a token that is made from another one waits for it
	 */
	Credentials(Providers providers, Listeners<RefreshListener> listeners,
			BiFunction<CredentialId, Credentials, RefreshableCredential> factory, Duration patience) {
		this.providers = providers;
		this.listeners = listeners;
		this.factory = (id) -> factory.apply(id, this);
		this.chains = new TokenChains(providers);
		this.patience = patience;
		Map<String, RefreshableCredential> ofApplication = new HashMap<>();
		for (Provider provider : providers) {
			ofApplication.put(provider.id(), this.factory.apply(CredentialId.ofApplication(provider.id())));
		}
		this.ofApplication = Map.copyOf(ofApplication);
	}

	/**
	 * Begins to assemble credentials.
	 * @param providers the providers
	 * @param tokenEndpoint how tokens are requested
	 * @param discovery where
	 * @return a builder
	 */
	public static CredentialsBuilder builder(Providers providers, TokenEndpoint tokenEndpoint, Discovery discovery) {
		return new CredentialsBuilder(providers, tokenEndpoint, discovery);
	}

	RefreshableCredential of(CredentialId id) {
		if (CredentialId.APPLICATION.equals(id.principalName())) {
			RefreshableCredential credential = this.ofApplication.get(id.providerId());
			return (credential != null) ? credential : this.factory.apply(id);
		}
		return users().of(id);
	}

	private UserCredentials users() {
		UserCredentials users = this.users;
		return (users != null) ? users : firstUsers();
	}

	private synchronized UserCredentials firstUsers() {
		UserCredentials users = this.users;
		if (users == null) {
			users = new UserCredentials(this.factory);
			this.users = users;
		}
		return users;
	}

	/**
	 * The credential of another provider that a token is made from: of the same person,
	 * or of the application.
	 */
	RefreshableCredential source(String providerId, String principalName) {
		if (this.providers.get(providerId).principal() == PrincipalKind.APPLICATION) {
			return of(CredentialId.ofApplication(providerId));
		}
		return of(new CredentialId(providerId,
				this.chains.isOnBehalf(providerId) ? principalName : CredentialId.person(principalName)));
	}

	/** A token to show to another server; waits for a refresh if need be. */
	String present(ForeignToken token, String principalName) {
		return new PresentedLogin(token, source(token.value(), principalName), this.patience).read();
	}

	/**
	 * Gets a usable token, reading the store and refreshing if need be; never prompts.
	 * @param id the credential
	 * @param trigger why it is asked for; {@link RefreshTrigger#MANUAL} refreshes a valid
	 * token too
	 * @return a future that does not fail, and whose cancellation stops nothing
	 */
	public CompletableFuture<BearerToken> current(CredentialId id, RefreshTrigger trigger) {
		return of(id).current(trigger).copy();
	}

	/**
	 * Reads a credential into memory, so that its state is known; no network. Blocking.
	 * @param id the credential
	 * @return the state
	 */
	public AuthorizationState load(CredentialId id) {
		RefreshableCredential credential = of(id);
		try {
			credential.load();
		}
		catch (RuntimeException ex) {
			// Told to the listeners; the state says so.
		}
		return credential.state();
	}

	/**
	 * Reads, on the executors, what nobody has read for half a minute: another process
	 * may have changed it, and what is shown of it should say so. Call it every other
	 * second. A store that fails is asked less often. No network but the store's.
	 */
	public void lookWhenIdle() {
		this.ofApplication.forEach((providerId, credential) -> {
			if (isKept(providerId)) {
				credential.lookWhenIdle(0);
			}
		});
		UserCredentials users = this.users;
		if (users != null) {
			users.lookWhenIdle(this::isKept);
		}
	}

	/**
	 * Finds out what a record would be good for, if it were the stored one.
	 * @param record the record
	 * @return the state
	 */
	public AuthorizationState assess(Credential record) {
		return of(record.id()).assess(record);
	}

	/**
	 * Finds a credential that still is good for a token: from memory while it works, else
	 * from the store. Starts a refresh ahead when it is time. Blocking.
	 * @param id the credential
	 * @return the record, or {@code null} when a person has to log in
	 * @throws io.github.oauth2pkce.store.TokenStoreException when the store had to be
	 * read and could not be
	 */
	public @Nullable Credential find(CredentialId id) {
		return of(id).find();
	}

	/**
	 * The record that is in memory.
	 * @param id the credential
	 * @return the record, or {@code null} when none is known
	 */
	public @Nullable Credential known(CredentialId id) {
		return of(id).inMemory();
	}

	/**
	 * Whether the store has failed when it was last read for a credential. Asks nobody.
	 * @param id the credential
	 * @return {@code true} also while a token in memory works
	 */
	public boolean isUnreadable(CredentialId id) {
		return of(id).isUnreadable();
	}

	/**
	 * What is stored in the place of a credential, also when it is none of this
	 * application's. Blocking.
	 * @param id the credential
	 * @return {@code null} also when it cannot be read
	 */
	public @Nullable Credential inStore(CredentialId id) {
		return of(id).inStore();
	}

	/**
	 * Gets another token than the one that a resource rejected, by a refresh if it is the
	 * current one; seldom, as an API may reject every token.
	 * @param id the credential
	 * @param rejected the bearer that was sent
	 * @return a future that does not fail, and whose cancellation stops nothing
	 */
	public CompletableFuture<BearerToken> afterRejection(CredentialId id, BearerToken.Available rejected) {
		return of(id).afterRejection(rejected).copy();
	}

	/**
	 * Keeps a new login: stored first, then used. Blocking.
	 * @param id the credential
	 * @param tokenEndpoint the endpoint that issued it
	 * @param response its answer
	 * @return {@code false} when the store failed: the login is in memory, and saving is
	 * tried again
	 */
	public boolean loggedIn(CredentialId id, URI tokenEndpoint, TokenResponse response) {
		return loggedIn(id, new IssuedTokens(this.providers.get(id.providerId()), tokenEndpoint, response));
	}

	/**
	 * Keeps a new login: stored first, then used. Blocking.
	 * @param id the credential
	 * @param tokens what was issued, by whom, and to which client
	 * @return {@code false} when the store failed: the login is in memory, and saving is
	 * tried again
	 */
	public boolean loggedIn(CredentialId id, IssuedTokens tokens) {
		boolean saved = of(id).loginAndLogout().loggedIn(tokens);
		Set<String> missing = missingScopes(id);
		if (!missing.isEmpty()) {
			this.listeners.tell((listener) -> listener.scopesMissing(id, missing));
		}
		return saved;
	}

	/**
	 * The scopes that were asked for and not granted, from memory.
	 * @param id the credential
	 * @return the scopes, in configured order; none when no credential is known
	 */
	public Set<String> missingScopes(CredentialId id) {
		Credential known = known(id);
		if (known == null) {
			return Set.of();
		}
		Provider provider = this.providers.get(id.providerId());
		Set<String> missing = Scopes.missing(provider.request().scopes(), known.scopes());
		if (known.refreshToken() != null || provider.resourceUri() != null) {
			// Some servers grant it and do not say so; here is what it was asked for. And
			// where a resource names the server, it is asked for only if it is offered.
			missing.remove("offline_access");
		}
		return missing;
	}

	/**
	 * Forgets a credential, and what was made from it; a refresh that runs meanwhile does
	 * not bring it back. Blocking.
	 * @param id the credential
	 * @param revoke is given the credential before it is removed; must not throw
	 * @return whether there was one
	 * @throws io.github.oauth2pkce.store.TokenStoreException when it could not be removed
	 */
	public boolean forget(CredentialId id, Consumer<Credential> revoke) {
		boolean forgotten = of(id).loginAndLogout().forget(revoke);
		forgetDerived(id);
		return forgotten;
	}

	/**
	 * Forgets what was made from a login, which is of no more use to anybody, but would
	 * lie in the store. Blocking.
	 * @param source the login
	 * @throws io.github.oauth2pkce.store.TokenStoreException when it could not be removed
	 */
	public void forgetDerived(CredentialId source) {
		for (String derived : this.chains.dependents(source.providerId())) {
			boolean ofApplication = this.providers.get(derived).principal() == PrincipalKind.APPLICATION;
			if (this.chains.isKept(derived)
					&& ofApplication == CredentialId.APPLICATION.equals(source.principalName())) {
				forget(new CredentialId(derived, source.principalName()), (credential) -> {
				});
			}
		}
	}

	/**
	 * Forgets one record, and not what has replaced it meanwhile. Blocking.
	 * @param seen the record
	 * @return whether it was there
	 * @throws io.github.oauth2pkce.store.TokenStoreException when it could not be removed
	 */
	public boolean forget(Credential seen) {
		return of(seen.id()).loginAndLogout().forget(seen);
	}

	/**
	 * Whether a provider's tokens are kept in the store.
	 * @param providerId the provider
	 * @return {@code false} for tokens of machines, which can be obtained anew at any
	 * time
	 */
	public boolean isKept(String providerId) {
		return this.chains.isKept(providerId);
	}

	/**
	 * Tries to save, on the executors, what a store could not take yet: before the
	 * application stops.
	 */
	public void saveUnsaved() {
		this.ofApplication.values().forEach((credential) -> credential.saveUnsaved());
		UserCredentials users = this.users;
		if (users != null) {
			users.saveUnsaved();
		}
	}

	/**
	 * Creates listeners of another kind. Whoever listens to refreshes, too, hears of both
	 * in the order in which things happened.
	 * @param listeners the listeners
	 * @param <T> their kind
	 * @return how to notify them
	 */
	public <T> Listeners<T> listenersWith(List<? extends T> listeners) {
		return this.listeners.beside(listeners);
	}

	/**
	 * Waits until the listeners have heard what has happened so far.
	 * @param patience the longest to wait
	 * @return {@code false} when it was not enough
	 */
	public boolean awaitListeners(Duration patience) {
		return this.listeners.await(patience);
	}

	/**
	 * What is known about the credentials of users, from memory: of those who were seen
	 * lately, at most 10,000 by their logins and as many by what they have called with.
	 * @param providerId the provider
	 * @return their status by the users' names, in no order
	 */
	public Map<String, CredentialStatus> ofUsers(String providerId) {
		UserCredentials users = this.users;
		return (users != null) ? users.of(providerId) : Map.of();
	}

	/**
	 * What is known about a credential, from memory.
	 * @param id the credential
	 * @return its status
	 */
	public CredentialStatus status(CredentialId id) {
		return of(id).status();
	}

}
