package io.github.oauth2pkce;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * What was used lately, up to a number. Whoever comes last is kept, and what nobody has
 * used for longest goes; Caffeine's own bound turns newcomers away in favour of those who
 * have come often. Thread-safe.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public final class Recent<K, V> {

	private final int most;

	private final Cache<K, V> entries;

	private final AtomicBoolean removing = new AtomicBoolean();

	/**
	 * Creates an empty one.
	 * @param most how many are kept, about
	 * @param kept for how long after they were used
	 */
	public Recent(int most, Duration kept) {
		this.most = most;
		this.entries = Caffeine.newBuilder()
			.expireAfterAccess(kept)
			// Also where nobody calls any more.
			.scheduler(Scheduler.systemScheduler())
			.build();
	}

	/**
	 * Keeps a value for a while.
	 * @param key its key
	 * @param value the value
	 */
	public void put(K key, V value) {
		this.entries.put(key, value);
		if (this.entries.estimatedSize() > this.most && this.removing.compareAndSet(false, true)) {
			try {
				removeOldest();
			}
			finally {
				this.removing.set(false);
			}
		}
	}

	/** Many at once, because finding them keeps others waiting; and by one at a time. */
	private void removeOldest() {
		if (this.entries.estimatedSize() <= this.most) {
			return;
		}
		Map<K, V> oldest = this.entries.policy().expireAfterAccess().orElseThrow().oldest(Math.max(1, this.most / 10));
		// But for what has another value by now.
		oldest.forEach(this.entries.asMap()::remove);
	}

	/**
	 * Finds a value.
	 * @param key its key
	 * @return the value, {@code null} when there is none any more
	 */
	public @Nullable V get(K key) {
		return this.entries.getIfPresent(key);
	}

	/**
	 * Looks at all that is there.
	 * @param visitor is given each
	 */
	public void forEach(BiConsumer<? super K, ? super V> visitor) {
		this.entries.asMap().forEach(visitor);
	}

}
