package io.github.oauth2pkce.login;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.login.LoginTransfers.Step;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.registration.ClientIdentities;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.LockTimeoutException;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;

/** The way of logins out of the store. Blocking; thread-safe. */
final class LoginExports {

	private final TokenStore store;

	private final Credentials credentials;

	private final ClientIdentities identities;

	private final InstantSource clock;

	private final Duration lockTimeout;

	private final Consumer<Step> steps;

	LoginExports(TokenStore store, Credentials credentials, ClientIdentities identities, InstantSource clock,
			Duration lockTimeout, Consumer<Step> steps) {
		this.store = store;
		this.credentials = credentials;
		this.identities = identities;
		this.clock = clock;
		this.lockTimeout = lockTimeout;
		this.steps = steps;
	}

	/**
	 * Moves a login into a file, or finishes what was interrupted.
	 * @see LoginTransfers#export
	 */
	Path export(Provider provider, Path path, Supplier<Seal> seal) {
		CredentialId id = CredentialId.ofApplication(provider.id());
		LoginFile file = new LoginFile(path);
		Credential seen = this.store.load(id);
		Seal given = null;
		if (exported(seen) == null) {
			check(provider, seen, file);
			// A person may have to type something: not with a lock.
			given = seal.get();
		}
		Path moved;
		try (TokenStore.Lock lock = this.store.lock(id, this.lockTimeout)) {
			Credential login = this.store.load(id);
			TransferMark begun = exported(login);
			TransferMark mark = (begun != null) ? begun
					: markExported(provider, login, file, (given != null) ? given : seal.get(), lock);
			moved = finishExport(provider, mark);
		}
		try {
			this.credentials.forgetDerived(id);
		}
		catch (TokenStoreException | LockTimeoutException ex) {
			// The login has moved all the same, and what was made from it ends by itself.
		}
		return moved;
	}

	private void check(Provider provider, @Nullable Credential login, LoginFile file) {
		if (login == null || this.credentials.assess(login) != AuthorizationState.AUTHORIZED) {
			throw new TransferException("There is no login of '" + provider.id() + "' here that works: log in first");
		}
		if (file.exists()) {
			throw new TransferException(
					file + " is there already: take it away, or set another" + " oauth2.pkce.command-file");
		}
	}

	private static @Nullable TransferMark exported(@Nullable Credential stored) {
		TransferMark mark = TransferMark.of(stored);
		return (mark != null && mark.isExport()) ? mark : null;
	}

	private TransferMark markExported(Provider provider, @Nullable Credential login, LoginFile file, Seal seal,
			TokenStore.Lock lock) {
		check(provider, login, file);
		if (login == null) {
			throw new IllegalStateException();
		}
		String export = UUID.randomUUID().toString();
		LoginFile part = file.unfinished(export);
		Origin origin = this.identities.withLatestClient(provider, login.origin());
		Credential leaving = Parcel.readdressed(login, login.id(), origin, login.generation());
		part.write(seal.seal(new Parcel(export, leaving).toJson()));
		this.steps.accept(Step.FILE_WRITTEN);
		TransferMark mark = TransferMark.exported(leaving, export, file,
				Math.max(login.generation() + 1, this.clock.millis()));
		if (!lock.isHeld() || !this.store.save(mark.record(), login.generation())) {
			part.delete();
			throw new TransferException(
					"The login of '" + provider.id() + "' was refreshed meanwhile: export it again");
		}
		this.steps.accept(Step.EXPORT_MARKED);
		return mark;
	}

	private Path finishExport(Provider provider, TransferMark mark) {
		LoginFile file = mark.file();
		LoginFile part = mark.other();
		String issuer = mark.record().origin().issuer();
		if (issuer != null) {
			// First of all: whoever logs in over the mark must not end that client.
			this.identities.handOver(provider.withIssuer(issuer), String.valueOf(mark.client()));
		}
		if (part.exists()) {
			try {
				part.renameTo(file);
			}
			catch (IOException ex) {
				throw new TransferException("The login is in " + part + ", and cannot be named " + file + ": "
						+ LoginFile.reason(ex) + ". Remove the cause, then run the same command again");
			}
		}
		else if (!file.exists()) {
			// Perhaps it is on another machine, or nobody here may look into its
			// directory.
			throw new TransferException("An export of the login of '" + provider.id()
					+ "' was interrupted, and neither " + file + " nor " + part + ", which has the login, can be"
					+ " seen from here: run the command where it was begun, as the same user. If the file is lost,"
					+ " log in again");
		}
		this.steps.accept(Step.FILE_NAMED);
		this.store.remove(mark.record().id(), mark.record().generation());
		return file.path();
	}

}
