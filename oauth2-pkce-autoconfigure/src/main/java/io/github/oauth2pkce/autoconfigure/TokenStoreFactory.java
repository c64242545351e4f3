package io.github.oauth2pkce.autoconfigure;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.configuration.InvalidPropertyException;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties.Refresh;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties.Store;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties.Store.KeyLocation;
import io.github.oauth2pkce.configuration.StoreDirectory;
import io.github.oauth2pkce.configuration.StoreDirectory.NoHomeException;
import io.github.oauth2pkce.refresh.OwnRecords;
import io.github.oauth2pkce.store.CredentialCipher;
import io.github.oauth2pkce.runtime.SystemKeyring;
import io.github.oauth2pkce.store.FileTokenStore;
import io.github.oauth2pkce.store.KeyPlace;
import io.github.oauth2pkce.store.Namespace;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;

import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/** What stores are made from, with sentences for what is wrong. */
final class TokenStoreFactory {

	private static final String PREFIX = "oauth2.pkce.store.";

	private static final String KEY_LOCATION = PREFIX + "key-location";

	private static final String KEYRING = "keyring";

	private final Store properties;

	private final Refresh refresh;

	private final Environment environment;

	TokenStoreFactory(OAuth2PkceProperties properties, Environment environment) {
		this.properties = properties.store();
		this.refresh = properties.refresh();
		this.environment = environment;
	}

	TokenStore file() {
		Path directory = directory();
		String encoded = this.properties.encryptionKey();
		byte[] key = StringUtils.hasText(encoded) ? key("encryption-key", encoded) : null;
		KeyPlace keyring = keyring();
		try {
			FileTokenStore store = (keyring != null)
					? new FileTokenStore(directory, keyring, previousKeys(), longestLock())
					: new FileTokenStore(directory, key, previousKeys(), longestLock());
			store.checkWritable();
			return store;
		}
		catch (TokenStoreException ex) {
			if (keyring != null) {
				throw new InvalidPropertyException(KEY_LOCATION, KEYRING,
						"cannot keep logins in " + directory + ": " + ex.getMessage(),
						"Run the application in a session whose key store is unlocked (servers and containers have"
								+ " none), or set " + KEY_LOCATION + "=file to keep the key beside the logins, or "
								+ PREFIX + "encryption-key.");
			}
			throw new InvalidPropertyException(PREFIX + "directory", directory.toString(),
					"cannot keep logins: " + ex.getMessage(),
					"Make it a directory of its own on a local disk that this application may write, or set " + PREFIX
							+ "type=memory to keep logins only until it stops.");
		}
	}

	/** {@code null} where no other place than usual is asked for. */
	private @Nullable KeyPlace keyring() {
		if (this.properties.keyLocation() != KeyLocation.KEYRING) {
			return null;
		}
		if (StringUtils.hasText(this.properties.encryptionKey())) {
			throw new InvalidPropertyException(KEY_LOCATION, KEYRING,
					"contradicts " + PREFIX + "encryption-key, which is set",
					"Remove one of both. A key that some logins need goes to " + PREFIX + "previous-encryption-keys.");
		}
		if (!ClassUtils.isPresent("com.github.javakeyring.Keyring", null)) {
			throw new InvalidPropertyException(KEY_LOCATION, KEYRING, "needs a library that is not on the class path",
					"Add the dependency com.github.javakeyring:java-keyring, or set " + KEY_LOCATION + "=file.");
		}
		return new SystemKeyring();
	}

	private Path directory() {
		String configured = this.properties.directory();
		try {
			return StoreDirectory.of(configured, this.environment);
		}
		catch (NoHomeException ex) {
			throw new InvalidPropertyException(PREFIX + "directory",
					StringUtils.hasText(configured) ? configured : null,
					StringUtils.hasText(configured) ? "is below a home directory, and this user has none"
							: "is not set, and this user has no home directory to keep logins in",
					"This user has no home directory: set " + PREFIX
							+ "directory to a directory that outlives the application, such as one on a volume, or "
							+ PREFIX + "type=memory to keep logins only until it stops.");
		}
		catch (InvalidPathException ex) {
			throw new InvalidPropertyException(PREFIX + "directory", ex.getInput(), "is not a path: " + ex.getReason(),
					"Use the path of a directory. If it is one, the locale of this process may not have its letters"
							+ " (its encoding is " + System.getProperty("sun.jnu.encoding") + "): set LC_ALL=C.UTF-8.");
		}
	}

	/**
	 * The cipher of a shared store. No key is made up for it: each node would have its
	 * own.
	 */
	CredentialCipher cipher(String type) {
		if (this.properties.keyLocation() == KeyLocation.KEYRING) {
			throw new InvalidPropertyException(KEY_LOCATION, KEYRING,
					"is for " + PREFIX + "type=file, not for " + type + ": each node would have a key of its own",
					"Remove it, and set " + PREFIX + "encryption-key.");
		}
		String encoded = this.properties.encryptionKey();
		if (!StringUtils.hasText(encoded)) {
			throw new InvalidPropertyException(PREFIX + "encryption-key", null,
					"is not set, and " + PREFIX + "type=" + type + " needs it",
					"Give all nodes the same 32 random bytes in base64, for example from: openssl rand -base64 32");
		}
		return new CredentialCipher(key("encryption-key", encoded), previousKeys());
	}

	/**
	 * Which records of a shared store are this application's. Those without a name share
	 * one, as they share a directory.
	 */
	Namespace namespace(Providers providers) {
		String name = this.properties.namespace();
		if (!StringUtils.hasText(name)) {
			name = this.environment.getProperty("spring.application.name");
		}
		return new Namespace(StringUtils.hasText(name) ? name.strip() : StoreDirectory.NAMELESS,
				new OwnRecords(providers));
	}

	/** Longer than any token request: see the locks of the shared stores. */
	Duration lease() {
		return this.refresh.requestTimeout().plusSeconds(10);
	}

	/**
	 * Longer than any refresh with everything that may be slow about it: after that time
	 * others may go on, even if whoever holds the lock hangs.
	 */
	Duration longestLock() {
		return this.refresh.lockTimeout().plus(this.refresh.requestTimeout().multipliedBy(2)).plusSeconds(30);
	}

	/** Why there is no shared store, although one was asked for. */
	static InvalidPropertyException missing(Store.Type type, @Nullable ClassLoader classLoader) {
		boolean jdbc = type == Store.Type.JDBC;
		String library = jdbc ? "org.springframework.boot.jdbc.init.DataSourceScriptDatabaseInitializer"
				: "org.springframework.data.redis.core.StringRedisTemplate";
		String starter = jdbc ? "spring-boot-starter-jdbc" : "spring-boot-starter-data-redis";
		String bean = jdbc ? "DataSource" : "RedisConnectionFactory";
		String setting = jdbc ? "spring.datasource.url" : "spring.data.redis.url";
		String value = jdbc ? "jdbc" : "redis";
		if (!ClassUtils.isPresent(library, classLoader)) {
			return new InvalidPropertyException(PREFIX + "type", value, "needs a library that is not on the class path",
					"Add the dependency " + starter + ", or set " + PREFIX + "type=file.");
		}
		return new InvalidPropertyException(PREFIX + "type", value,
				"needs one " + bean + " bean, or a primary one, and there is none",
				"Set " + setting + ", or declare such a bean, or set " + PREFIX + "type=file.");
	}

	List<byte[]> previousKeys() {
		List<byte[]> keys = new ArrayList<>();
		for (String key : this.properties.previousEncryptionKeys()) {
			// A placeholder that came to nothing is not a key.
			if (StringUtils.hasText(key)) {
				keys.add(key("previous-encryption-keys", key));
			}
		}
		return keys;
	}

	private static byte[] key(String name, String encoded) {
		try {
			byte[] key = Base64.getDecoder().decode(encoded.strip());
			if (key.length == 32) {
				return key;
			}
		}
		catch (IllegalArgumentException ex) {
			// Told below, without the value.
		}
		throw new InvalidPropertyException(PREFIX + name, null, "is not a base64 AES-256 key",
				"Use 32 random bytes in base64, for example from: openssl rand -base64 32");
	}

}
