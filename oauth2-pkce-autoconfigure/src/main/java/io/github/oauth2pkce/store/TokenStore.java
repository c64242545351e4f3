package io.github.oauth2pkce.store;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Keeps credentials. Declare a bean of this type to keep them elsewhere. Implementations
 * are thread-safe and may block: they are only called on worker threads. A write names
 * the generation that its writer saw, so that the loser of a race learns that it lost and
 * a logout is never undone.
 * <p>
 * Besides logins, it keeps the clients that registered themselves, codes and claims of
 * logins under way, and keys for sessions of browsers, as credentials of
 * {@linkplain CredentialId#isReserved reserved} principals.
 */
public interface TokenStore {

	/**
	 * Reads a credential.
	 * @return the credential, or {@code null} when nothing is stored
	 * @throws TokenStoreException when the store cannot be read, or holds something that
	 * cannot be understood: never answer "nothing" then
	 */
	@Nullable Credential load(CredentialId id);

	/**
	 * Writes a credential, if what is stored now is what the caller saw. It is durable
	 * when this method returns. Callers repeat a write that failed: when this very
	 * credential is stored already, an earlier attempt has got through.
	 * <p>
	 * A record that cannot be read counts as nothing for a new login: with
	 * {@link Credential#NONE} the store sets it aside, so that a person can restore it,
	 * and writes. Otherwise a login could not be kept until somebody removes the record
	 * by hand. With any other generation the write fails.
	 * @param credential the new record
	 * @param expectedGeneration the generation that it replaces, {@link Credential#NONE}
	 * for nothing
	 * @return {@code true} when this credential is stored now, {@code false} when
	 * something else is; nothing is written then
	 * @throws TokenStoreException when it could not be written; the old record stays
	 */
	boolean save(Credential credential, long expectedGeneration);

	/**
	 * Removes a credential, if what is stored now is what the caller saw.
	 * @param expectedGeneration the generation to remove
	 * @return {@code false} when something else is stored; nothing is removed then
	 * @throws TokenStoreException when it could not be removed
	 */
	boolean remove(CredentialId id, long expectedGeneration);

	/**
	 * Keeps other processes and nodes from refreshing the same credential. Within one
	 * application the caller already holds a lock of its own, so that a store which no
	 * other process uses may keep this default, which does nothing. A holder that hangs
	 * keeps the others out for a bounded time only.
	 * @param timeout how long to wait for another holder
	 * @return the lock, to be closed by the same thread
	 * @throws LockTimeoutException when another holder kept it for too long
	 * @throws TokenStoreException when the lock cannot be used
	 */
	default Lock lock(CredentialId id, Duration timeout) {
		return () -> {
		};
	}

	/**
	 * Makes sure that a write would work, before a refresh token is spent that could then
	 * not be kept. The default assumes so.
	 * @throws TokenStoreException when it would not
	 */
	default void checkWritable() {
	}

	/**
	 * Makes sure that a write of this credential would work. The default asks for the
	 * store as a whole; a store that is spread over several servers asks the right one.
	 * @throws TokenStoreException when it would not
	 */
	default void checkWritable(CredentialId id) {
		checkWritable();
	}

	/**
	 * The name of the kind of store, as an operator sees it.
	 * @return a short name such as {@code file}
	 */
	default String name() {
		return "custom";
	}

	/** A held lock. */
	interface Lock extends AutoCloseable {

		/**
		 * Whether nobody else can hold it by now. A lease may have run out while this
		 * process was paused; a lock that is held for good may keep this default.
		 * @return {@code false} when it is lost
		 * @throws TokenStoreException when that cannot be known
		 */
		default boolean isHeld() {
			return true;
		}

		/** Gives the lock back; never throws. */
		@Override
		void close();

	}

}
