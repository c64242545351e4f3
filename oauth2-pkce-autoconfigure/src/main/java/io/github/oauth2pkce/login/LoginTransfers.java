package io.github.oauth2pkce.login;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.registration.RegistrationException;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;

/**
 * Moves the application's logins from a store into a file, and from a file into a store.
 * At each moment, the login is in exactly one place, however the process ends:
 * <ul>
 * <li>Export: the file is written whole, under a name that no import takes; then one
 * write puts a mark in the place of the login; then the file gets its name. Whoever finds
 * the mark finishes that.</li>
 * <li>Import: a mark in the store, then another name for the file, which only a store
 * with that mark takes; then one write puts the login in the place of the mark; then the
 * file is deleted.</li>
 * </ul>
 * Blocking; thread-safe.
 */
public final class LoginTransfers {

	/** Of one provider; older ones have ended long ago. */
	private static final int REMEMBERED = 100;

	private final TokenStore store;

	private final Credentials credentials;

	private final ClientIdentities identities;

	private final InstantSource clock;

	private final Duration lockTimeout;

	/** Tests end the process between two steps. */
	private final Consumer<Step> steps;

	private final LoginExports exports;

	/**
	 * Creates the transfers.
	 * @param store where logins are kept
	 * @param credentials know what a login is good for
	 * @param identities the registrations of clients, which go with their logins
	 * @param clock the wall clock
	 * @param lockTimeout how long to wait for a refresh of another process
	 */
	public LoginTransfers(TokenStore store, Credentials credentials, ClientIdentities identities, InstantSource clock,
			Duration lockTimeout) {
		this(store, credentials, identities, clock, lockTimeout, (step) -> {
		});
	}

	LoginTransfers(TokenStore store, Credentials credentials, ClientIdentities identities, InstantSource clock,
			Duration lockTimeout, Consumer<Step> steps) {
		this.store = store;
		this.credentials = credentials;
		this.identities = identities;
		this.clock = clock;
		this.lockTimeout = lockTimeout;
		this.steps = steps;
		this.exports = new LoginExports(store, credentials, identities, clock, lockTimeout, steps);
	}

	// Out of the store.

	/**
	 * Moves a login into a file, or finishes what was interrupted. The server hears
	 * nothing of it.
	 * @param provider whose login
	 * @param path the file, which must not be there yet
	 * @param seal asked for when there is something to seal
	 * @return the file: that of an interrupted export, if there was one
	 * @throws TransferException when there is no login, or the file cannot be written
	 */
	public Path export(Provider provider, Path path, Supplier<Seal> seal) {
		return this.exports.export(provider, path, seal);
	}

	// Into the store.

	/**
	 * Makes a key that a login can be sealed for, or finds the one that nobody has used
	 * yet.
	 * @param provider whose login will come
	 * @return the public key, as one word
	 */
	public String recipient(Provider provider) {
		CredentialId id = CredentialId.ofRecipient(provider.id());
		Credential stored = this.store.load(id);
		if (stored != null && stored.assertion() != null) {
			return Seal.recipient(stored.assertion());
		}
		String key = Seal.newPrivateKey();
		if (!this.store.save(record(id, named("recipient"), Set.of(), key, Credential.NONE), Credential.NONE)) {
			throw new TransferException("Another process has made a key at the same time: run the command again");
		}
		return Seal.recipient(key);
	}

	/**
	 * The private key to {@link #recipient}.
	 * @param provider whose login comes
	 * @return a seal that opens
	 * @throws TransferException when there is no key here
	 */
	public Seal recipientSeal(Provider provider) {
		Credential stored = this.store.load(CredentialId.ofRecipient(provider.id()));
		if (stored == null || stored.assertion() == null) {
			throw new TransferException("The file is sealed for a key that this store does not have: either it was"
					+ " imported already, or the key was made elsewhere");
		}
		return Seal.byKey(stored.assertion());
	}

	/**
	 * Reads a file that has come.
	 * @param path the file
	 * @return what is in it, still sealed
	 * @throws TransferException when it cannot be read, or is not finished
	 */
	public Arrival arrival(Path path) {
		LoginFile file = new LoginFile(path);
		if (file.isUnfinished()) {
			throw new TransferException(file + " is no login yet: run the export again that was interrupted");
		}
		LoginFile before = file.unclaimed();
		if (before != null) {
			return new Arrival(before, file, true, file.read());
		}
		if (file.exists()) {
			String sealed = file.read();
			LoginFile claimed = file.claimed(sealed);
			if (claimed.exists()) {
				throw new TransferException(claimed + " has the same login, and its import was interrupted: delete "
						+ file + ", and run the command again where that import was begun");
			}
			return new Arrival(file, claimed, false, sealed);
		}
		List<LoginFile> claimed = file.allClaimed();
		if (claimed.isEmpty()) {
			throw new TransferException(file + " does not exist");
		}
		if (claimed.size() > 1) {
			throw new TransferException("More than one import of " + file + " was interrupted: run the command again"
					+ " with the file whose import was begun here, --oauth2.pkce.command-file="
					+ claimed.stream().map(LoginFile::toString).collect(Collectors.joining(" or ")));
		}
		return new Arrival(file, claimed.get(0), true, claimed.get(0).read());
	}

	/**
	 * Moves a login out of a file.
	 * @param arrival the file
	 * @param seal opens it
	 * @param chosen gives the provider whose login it is to be, by the id of the provider
	 * that it was of
	 * @return the provider
	 * @throws TransferException when it may not come here
	 */
	public Imported importFrom(Arrival arrival, Seal seal, Function<String, Provider> chosen) {
		Parcel parcel = Parcel.parse(seal.open(arrival.sealed()));
		Provider provider = chosen.apply(parcel.login().id().providerId());
		CredentialId id = CredentialId.ofApplication(provider.id());
		Credential login = Parcel.readdressed(parcel.login(), id, parcel.login().origin(), parcel.login().generation());
		checkOrigin(provider, login);
		checkServer(provider, login.origin().issuer());
		boolean consumed;
		boolean claimed = true;
		try (TokenStore.Lock lock = this.store.lock(id, this.lockTimeout)) {
			Credential stored = this.store.load(id);
			if (!(arrival.resumed() && isSame(stored, login))) {
				claimed = take(provider, login, stored, parcel.export(), arrival);
			}
			consumed = (claimed ? arrival.claimed() : arrival.file()).delete();
			this.steps.accept(Step.FILE_DELETED);
		}
		Credential key = Seal.needsPassphrase(arrival.sealed()) ? null
				: this.store.load(CredentialId.ofRecipient(provider.id()));
		if (key != null) {
			this.store.remove(key.id(), key.generation());
		}
		return new Imported(provider, arrival.file().path(), consumed);
	}

	/**
	 * {@return whether the file has its other name now}
	 */
	private boolean take(Provider provider, Credential login, @Nullable Credential stored, String export,
			Arrival arrival) {
		Credential mark = null;
		long expected = (stored != null) ? stored.generation() : Credential.NONE;
		TransferMark begun = TransferMark.of(stored);
		if (begun == null || !begun.isImportOf(export)) {
			check(provider, login, stored, export, arrival);
			mark = TransferMark.importing(login.id(), export, arrival.file(), arrival.claimed(), next(expected))
				.record();
			save(provider, mark, expected);
			expected = mark.generation();
		}
		this.steps.accept(Step.IMPORT_MARKED);
		boolean claimed = arrival.resumed() || claim(arrival);
		if (!claimed && (!arrival.file().exists() || arrival.claimed().exists())) {
			// With it, this store would take what the other import has claimed.
			if (mark != null) {
				this.store.remove(mark.id(), mark.generation());
			}
			throw new TransferException("Another import has taken " + arrival.file()
					+ " meanwhile. If it was interrupted, run it again where it was begun");
		}
		this.steps.accept(Step.FILE_CLAIMED);
		remember(provider, export);
		save(provider, Parcel.readdressed(login, login.id(), login.origin(), next(expected)), expected);
		this.steps.accept(Step.LOGIN_SAVED);
		return claimed;
	}

	/**
	 * {@return false also in a directory that may only be read: whoever has it deletes
	 * the file}
	 */
	private static boolean claim(Arrival arrival) {
		try {
			arrival.file().renameTo(arrival.claimed());
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private void check(Provider provider, Credential login, @Nullable Credential stored, String export,
			Arrival arrival) {
		if (isSame(stored, login)) {
			throw new TransferException("The login in " + arrival.file() + " is here already: delete the file");
		}
		if (stored != null && this.credentials.assess(stored) == AuthorizationState.AUTHORIZED) {
			throw new TransferException("Somebody is logged in to '" + provider.id() + "' here: log out first");
		}
		TransferMark begun = TransferMark.of(stored);
		if (begun != null && begun.other().exists()) {
			throw new TransferException("Another " + (begun.isExport() ? "export" : "import") + " of '" + provider.id()
					+ "' was interrupted here, and only this store can finish it: run it again first, with"
					+ " --oauth2.pkce.command-file=" + (begun.isExport() ? begun.file() : begun.other()));
		}
		if (imports(provider).contains(export)) {
			throw new TransferException("The login in " + arrival.file()
					+ " was imported here before, and is not here any" + " more: delete the file, and log in");
		}
		if (arrival.resumed()) {
			throw new TransferException(
					"An import of " + arrival.claimed() + " has begun in another store: run it there" + " again");
		}
	}

	/** A login goes on as whose and by whom it was made, or not at all. */
	private void checkOrigin(Provider provider, Credential login) {
		Origin origin = login.origin();
		String issuer = provider.issuerUri();
		if (issuer != null && origin.issuer() != null && !issuer.equals(origin.issuer())) {
			throw foreign("is of the issuer " + printable(origin.issuer()), provider, "issuer-uri", issuer);
		}
		if (provider.client().isKnown() && !provider.client().id().equals(origin.clientId())) {
			throw foreign("was issued to the client " + printable(origin.clientId()), provider, "client-id",
					provider.client().id());
		}
		if (provider.tokens().dpop() && origin.key() == null) {
			throw foreign("is bound to no key", provider, "dpop", "true");
		}
		AuthorizationState state = this.credentials.assess(login);
		if (state == AuthorizationState.LOGIN_REQUIRED) {
			throw new TransferException(
					"The login in the file was made at the token endpoint " + printable(origin.tokenEndpoint())
							+ ((origin.resource() != null) ? " for " + printable(origin.resource()) : "")
							+ ", which is not what is configured for '" + provider.id() + "' here");
		}
		if (state != AuthorizationState.AUTHORIZED) {
			throw new TransferException("The login in the file has ended: delete the file, and log in");
		}
	}

	/** A file may name any server, and our secret and our requests must not go there. */
	private void checkServer(Provider provider, @Nullable String issuer) {
		String resource = "the resource " + provider.resourceUri() + " (" + provider.property("resource-uri") + ")";
		try {
			if (!this.identities.isClientOf(provider, issuer)) {
				throw new TransferException("The login in the file is of the issuer "
						+ printable(String.valueOf(issuer)) + ", which " + resource + " does not trust");
			}
		}
		catch (DiscoveryException ex) {
			throw new TransferException("It cannot be found out whether " + resource + " trusts "
					+ printable(String.valueOf(issuer)) + ", of which the login in the file is: " + ex.getMessage());
		}
		catch (RegistrationException ex) {
			throw new TransferException(String.valueOf(ex.getMessage()));
		}
	}

	private static TransferException foreign(String login, Provider provider, String key, String value) {
		return new TransferException(
				"The login in the file " + login + ", and " + provider.property(key) + " is " + value + " here");
	}

	private static String printable(String text) {
		return ServerText.printable(text, 200);
	}

	/** When it was made does not change with refreshes. */
	private static boolean isSame(@Nullable Credential stored, Credential login) {
		return stored != null && login.loggedInAt() != null && login.loggedInAt().equals(stored.loggedInAt())
				&& login.origin().clientId().equals(stored.origin().clientId())
				&& login.origin().tokenEndpoint().equals(stored.origin().tokenEndpoint());
	}

	private Set<String> imports(Provider provider) {
		Credential stored = this.store.load(CredentialId.ofImports(provider.id()));
		return (stored != null) ? stored.scopes() : Set.of();
	}

	private void remember(Provider provider, String export) {
		CredentialId id = CredentialId.ofImports(provider.id());
		Credential stored = this.store.load(id);
		Set<String> imports = new LinkedHashSet<>((stored != null) ? stored.scopes() : Set.of());
		if (imports.add(export)) {
			if (imports.size() > REMEMBERED) {
				imports.remove(imports.iterator().next());
			}
			long expected = (stored != null) ? stored.generation() : Credential.NONE;
			save(provider, record(id, named("imports"), imports, null, expected), expected);
		}
	}

	private void save(Provider provider, Credential record, long expected) {
		if (!this.store.save(record, expected)) {
			throw new TransferException("Somebody else has just logged in to '" + provider.id()
					+ "' here, or imports the" + " same: look at the status, then run the command again");
		}
	}

	/**
	 * Where a login is whose move was interrupted, for whoever ends or replaces it
	 * meanwhile.
	 * @param stored what is in the place of the login
	 * @return the end of a sentence, {@code null} for a login, and for nothing
	 */
	public static @Nullable String away(@Nullable Credential stored) {
		TransferMark mark = TransferMark.of(stored);
		return (mark != null) ? mark.where() : null;
	}

	private static Origin named(String name) {
		return new Origin(null, "", name);
	}

	private Credential record(CredentialId id, Origin origin, Set<String> values, @Nullable String text,
			long expected) {
		return new Credential(id, origin, "", null, values, Instant.EPOCH, Instant.EPOCH, null, null, null, null, text,
				next(expected));
	}

	private long next(long expected) {
		return Math.max(expected + 1, this.clock.millis());
	}

	/** After what the process may end, and nothing is lost or doubled. */
	enum Step {

		FILE_WRITTEN, EXPORT_MARKED, FILE_NAMED, IMPORT_MARKED, FILE_CLAIMED, LOGIN_SAVED, FILE_DELETED

	}

	/**
	 * A file that has come, still sealed.
	 */
	public static final class Arrival {

		private final LoginFile file;

		private final LoginFile claimed;

		private final boolean resumed;

		private final String sealed;

		private Arrival(LoginFile file, LoginFile claimed, boolean resumed, String sealed) {
			this.file = file;
			this.claimed = claimed;
			this.resumed = resumed;
			this.sealed = sealed;
		}

		/**
		 * {@return whether a passphrase opens it, and not a key}
		 */
		public boolean needsPassphrase() {
			return Seal.needsPassphrase(this.sealed);
		}

		LoginFile file() {
			return this.file;
		}

		LoginFile claimed() {
			return this.claimed;
		}

		boolean resumed() {
			return this.resumed;
		}

		String sealed() {
			return this.sealed;
		}

	}

	/**
	 * A login that has come.
	 *
	 * @param provider the provider that it is of now
	 * @param file where it was
	 * @param consumed whether the file is deleted
	 */
	public record Imported(Provider provider, Path file, boolean consumed) {

	}

}
