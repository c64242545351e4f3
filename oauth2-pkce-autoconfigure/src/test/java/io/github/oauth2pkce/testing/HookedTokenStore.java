package io.github.oauth2pkce.testing;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;

/** A store in memory that does something else first, such as failing or waiting. */
public final class HookedTokenStore implements TokenStore {

	private static final Runnable NOTHING = () -> {
	};

	public final AtomicInteger loads = new AtomicInteger();

	private final MemoryTokenStore store = new MemoryTokenStore();

	public volatile Runnable onLoad = NOTHING;

	/** Runs after the record was read and before its reader sees it. */
	public volatile Runnable afterLoad = NOTHING;

	public volatile Runnable onSave = NOTHING;

	public volatile Runnable onRemove = NOTHING;

	public volatile Runnable onLock = NOTHING;

	public volatile Runnable onCheckWritable = NOTHING;

	/** Is away, for readers and writers. */
	public void fail() {
		Runnable failing = () -> {
			throw new TokenStoreException("connection refused", null);
		};
		this.onLoad = failing;
		this.onSave = failing;
		this.onRemove = failing;
	}

	/** As after a failover: the last writes are gone. */
	public void fallBackTo(Credential earlier) {
		Credential now = this.store.load(earlier.id());
		if (now != null) {
			this.store.remove(now.id(), now.generation());
		}
		this.store.save(earlier, Credential.NONE);
	}

	public void heal() {
		this.onLoad = NOTHING;
		this.onSave = NOTHING;
		this.onRemove = NOTHING;
		this.onLock = NOTHING;
		this.onCheckWritable = NOTHING;
	}

	@Override
	public @Nullable Credential load(CredentialId id) {
		this.loads.incrementAndGet();
		this.onLoad.run();
		Credential credential = this.store.load(id);
		this.afterLoad.run();
		return credential;
	}

	@Override
	public boolean save(Credential credential, long expectedGeneration) {
		this.onSave.run();
		return this.store.save(credential, expectedGeneration);
	}

	@Override
	public boolean remove(CredentialId id, long expectedGeneration) {
		this.onRemove.run();
		return this.store.remove(id, expectedGeneration);
	}

	@Override
	public Lock lock(CredentialId id, Duration timeout) {
		this.onLock.run();
		return this.store.lock(id, timeout);
	}

	@Override
	public void checkWritable() {
		this.onCheckWritable.run();
	}

}
