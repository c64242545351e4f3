package io.github.oauth2pkce.store;

import java.time.Duration;
import java.util.List;

import org.springframework.data.redis.core.script.RedisScript;

/** Leases as keys that expire. */
final class RedisLeases implements Leases {

	/** Not {@code SET NX}: a driver may send it again, and lose to itself. */
	private static final RedisScript<Long> ACQUIRE = RedisScript.of("""
			local owner = redis.call('GET', KEYS[1])
			if owner and owner ~= ARGV[1] then
				return 0
			end
			redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
			return 1
			""", Long.class);

	private static final RedisScript<Long> RENEW = RedisScript.of("""
			if redis.call('GET', KEYS[1]) ~= ARGV[1] then
				return 0
			end
			return redis.call('PEXPIRE', KEYS[1], ARGV[2])
			""", Long.class);

	private static final RedisScript<Long> RELEASE = RedisScript.of("""
			if redis.call('GET', KEYS[1]) ~= ARGV[1] then
				return 0
			end
			return redis.call('DEL', KEYS[1])
			""", Long.class);

	private final RedisCommands redis;

	RedisLeases(RedisCommands redis) {
		this.redis = redis;
	}

	@Override
	public boolean acquire(String key, String owner, Duration lease) {
		return this.redis.run(ACQUIRE, List.of(name(key)), owner, Long.toString(lease.toMillis()));
	}

	@Override
	public boolean renew(String key, String owner, Duration lease) {
		return this.redis.run(RENEW, List.of(name(key)), owner, Long.toString(lease.toMillis()));
	}

	@Override
	public void release(String key, String owner) {
		this.redis.run(RELEASE, List.of(name(key)), owner);
	}

	private String name(String key) {
		return this.redis.name(key, "lock");
	}

}
