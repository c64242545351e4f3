package io.github.oauth2pkce.store;

import java.time.Duration;

/**
 * Who holds what, and until when by the clock of the database: all that a shared store
 * has to bring for {@link LeaseLocks}. Each call is atomic. Thread-safe.
 */
public interface Leases {

	/**
	 * Takes a key that is free or has expired. Succeeds also for the owner that has it
	 * already, because an earlier answer may have been lost.
	 * @param key the key
	 * @param owner the same for all attempts of one acquisition, and no other
	 * @param lease how long it stays taken
	 * @return whether it is the owner's now
	 */
	boolean acquire(String key, String owner, Duration lease);

	/**
	 * Makes the lease anew from now.
	 * @param key the key
	 * @param owner the owner
	 * @param lease how long it stays taken from now
	 * @return {@code false} when it is not the owner's any more
	 */
	boolean renew(String key, String owner, Duration lease);

	/**
	 * Gives the key back, if it is still the owner's.
	 * @param key the key
	 * @param owner the owner
	 */
	void release(String key, String owner);

}
