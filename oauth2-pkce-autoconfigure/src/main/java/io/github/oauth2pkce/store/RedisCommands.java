package io.github.oauth2pkce.store;

import java.util.List;
import java.util.function.Function;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;

/** Sends commands to Redis and translates its failures. */
final class RedisCommands {

	private static final String PREFIX = "oauth2-pkce:";

	private final StringRedisTemplate template;

	private final String prefix;

	RedisCommands(RedisConnectionFactory connectionFactory, Namespace namespace) {
		this.prefix = PREFIX + namespace.prefix();
		// Not the application's template, which may take part in its transactions.
		this.template = new StringRedisTemplate(connectionFactory);
	}

	/**
	 * A name in Redis. The braces keep all that belongs to one credential on one node of
	 * a cluster, as scripts require.
	 * @param key the credential's key
	 * @param kind what is kept there
	 * @return the name
	 */
	String name(String key, String kind) {
		return this.prefix + "{" + key + "}:" + kind;
	}

	/** A name that belongs to no credential. */
	String name(String kind) {
		return this.prefix + kind;
	}

	boolean run(RedisScript<Long> script, List<String> names, String... arguments) {
		return run((template) -> {
			Long result = template.execute(script, names, (Object[]) arguments);
			return result != null && result == 1;
		});
	}

	<T> T run(Function<StringRedisTemplate, T> work) {
		try {
			return work.apply(this.template);
		}
		catch (RuntimeException ex) {
			// Also what is not a DataAccessException: a factory that was stopped.
			throw new TokenStoreException("Redis cannot be used: " + Reasons.ofRedis(ex), ex);
		}
	}

}
