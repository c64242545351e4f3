package io.github.oauth2pkce.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;

import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.Assertion;
import io.github.oauth2pkce.authentication.ClientKey;
import io.github.oauth2pkce.authentication.ClientKeys;
import io.github.oauth2pkce.configuration.InvalidPropertyException;
import io.github.oauth2pkce.discovery.DiscoveryException;

import org.springframework.boot.io.ApplicationResourceLoader;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.pem.PemContent;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.util.ResourceUtils;

/**
 * The private keys of clients, in files and in SSL bundles. A file is read each time that
 * it is needed, because requests that need it are rare, and a file that was exchanged
 * within one tick of its clock looks as it did before. A bad new key leaves the old one
 * in use. Thread-safe.
 */
public final class KeyFiles implements ClientKeys {

	private static final Logger logger = LoggerFactory.getLogger(KeyFiles.class);

	private static final int LONGEST_LOCATION = 200;

	private static final int LARGEST = 64 * 1024;

	private static final String BASE64 = "base64:";

	private static final List<String> KEY_TYPES = List.of("EC", "RSA", "RSASSA-PSS", "EdDSA", "Ed25519");

	private final ResourceLoader resources;

	private final @Nullable SslBundles bundles;

	private final Map<String, Loaded> loaded = new ConcurrentHashMap<>();

	/**
	 * Creates the keys.
	 * @param resources finds files; a path without a prefix is one of the file system
	 * @param bundles the SSL bundles, {@code null} when there are none
	 */
	public KeyFiles(ResourceLoader resources, @Nullable SslBundles bundles) {
		this.resources = ApplicationResourceLoader.get(resources, true);
		this.bundles = bundles;
	}

	/**
	 * Checks at the start that a client has the key that it is to authenticate by.
	 * @param provider the provider; its SSL bundle exists
	 * @throws InvalidPropertyException when it has not
	 */
	public void check(Provider provider) {
		ClientAuthenticationMethod method = provider.client().authenticationMethod();
		if (provider.client().assertion().source() != null) {
			return;
		}
		if (ClientAuthenticationMethod.PRIVATE_KEY_JWT.equals(method)) {
			logger.debug("Provider '{}' signs with key '{}'", provider.id(), of(provider).id());
		}
		else if (ClientAuthenticationMethod.TLS_CLIENT_AUTH.equals(method)
				|| ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH.equals(method)) {
			certified(bundle(provider), provider, (key, chain) -> chain);
		}
	}

	@Override
	public ClientKey of(Provider provider) {
		// First: a file system that hangs keeps nobody else from the map.
		Object source = source(provider);
		return this.loaded.compute(provider.id(), (id, before) -> load(provider, source, before)).key();
	}

	private static Loaded load(Provider provider, Object source, @Nullable Loaded before) {
		Object seen = (source instanceof byte[] bytes) ? digest(bytes) : source;
		if (before != null && before.source().equals(seen)) {
			return before;
		}
		try {
			return new Loaded(seen, fitting(provider, read(provider, source)));
		}
		catch (InvalidPropertyException ex) {
			if (before == null) {
				throw ex;
			}
			logger.warn("The key of provider '{}' has changed and cannot be used, so the old one stays in use: {} {}",
					provider.id(), ex.getMessage(), ex.action());
			return new Loaded(seen, before.key());
		}
	}

	private static ClientKey fitting(Provider provider, ClientKey key) {
		String algorithm = provider.client().assertion().algorithm();
		if (algorithm != null && !key.algorithms().contains(algorithm)) {
			throw new InvalidPropertyException(provider.property("client-assertion.algorithm"), algorithm,
					"does not fit the key", "Use " + String.join(" or ", key.algorithms()) + ", or remove it.");
		}
		return key.named(provider.client().assertion().keyId());
	}

	/** What the key is made of: the bytes of a file, a bundle, or what went wrong. */
	private Object source(Provider provider) {
		String location = provider.client().assertion().key();
		if (location == null) {
			return bundle(provider);
		}
		if (isContent(location)) {
			return location.getBytes(StandardCharsets.UTF_8);
		}
		try {
			return content(location, this.resources.getResource(location));
		}
		catch (IOException | RuntimeException ex) {
			return "cannot be read (" + ex.getClass().getSimpleName() + ")";
		}
	}

	/** Read for each signature, so nothing that may take long or has no end. */
	private static Object content(String location, Resource resource) throws IOException {
		if (resource.isFile()) {
			// A pipe without a writer would keep this thread for ever.
			if (!Files.readAttributes(resource.getFile().toPath(), BasicFileAttributes.class).isRegularFile()) {
				return "is not a regular file";
			}
		}
		else if (!location.startsWith(BASE64) && !location.startsWith(ResourceLoader.CLASSPATH_URL_PREFIX)) {
			return "is at an address from which no key is read";
		}
		try (InputStream stream = resource.getInputStream()) {
			byte[] bytes = stream.readNBytes(LARGEST + 1);
			return (bytes.length <= LARGEST) ? bytes : "is larger than 64 KB";
		}
	}

	private static ClientKey read(Provider provider, Object source) {
		if (source instanceof SslBundle bundle) {
			return certified(bundle, provider, ClientKey::of);
		}
		Assertion assertion = provider.client().assertion();
		String problem = source.toString();
		String action = "Set it to a path, 'classpath:', 'base64:' or the key itself, which is PEM (PKCS#8, PKCS#1 or"
				+ " SEC1) or JWK.";
		if (source instanceof byte[] bytes) {
			String text = new String(bytes, StandardCharsets.UTF_8).strip();
			try {
				if (text.startsWith("{")) {
					return ClientKey.ofJwk(text);
				}
				return ofPem(provider, text);
			}
			catch (IllegalArgumentException ex) {
				problem = String.valueOf(ex.getMessage());
			}
		}
		throw new InvalidPropertyException(provider.property("client-assertion.key"), shown(assertion.key()), problem,
				action);
	}

	private static ClientKey ofPem(Provider provider, String text) {
		String password = provider.client().assertion().keyPassword();
		String property = provider.property("client-assertion.key-password");
		if (text.contains("Proc-Type: 4,ENCRYPTED")) {
			throw new IllegalArgumentException("is encrypted in a form that Java cannot read: openssl pkcs8 -topk8"
					+ " makes the other one of it");
		}
		boolean encrypted = text.contains("BEGIN ENCRYPTED PRIVATE KEY");
		if (encrypted && password == null) {
			throw new IllegalArgumentException("is encrypted, and there is no " + property);
		}
		PemContent pem = PemContent.of(text);
		PrivateKey key;
		List<X509Certificate> certificates;
		try {
			key = pem.getPrivateKey(password);
			certificates = text.contains("BEGIN CERTIFICATE") ? pem.getCertificates() : List.of();
		}
		catch (RuntimeException ex) {
			// The messages of decoders may quote what they could not read.
			throw new IllegalArgumentException(
					encrypted ? "cannot be decrypted with " + property : "holds no private key that can be read");
		}
		if (key == null) {
			throw new IllegalArgumentException("holds no private key");
		}
		return ClientKey.of(key, certificates);
	}

	private SslBundle bundle(Provider provider) {
		String name = provider.client().sslBundle();
		if (this.bundles == null || name == null) {
			// Of a client that had registered itself by a key that is gone.
			throw new DiscoveryException(
					"The client of '" + provider.id() + "' is registered by a private key, and there is none: set "
							+ provider.property("client-assertion.key") + ", or log in again",
					false, null);
		}
		return this.bundles.getBundle(name);
	}

	/** By the key managers, which know aliases and passwords. */
	private static <T> T certified(SslBundle bundle, Provider provider,
			BiFunction<PrivateKey, List<X509Certificate>, T> use) {
		String problem = "has no key";
		try {
			for (KeyManager manager : bundle.getManagers().getKeyManagers()) {
				if (manager instanceof X509KeyManager keys) {
					String alias = alias(keys, bundle.getKey().getAlias());
					PrivateKey key = (alias != null) ? keys.getPrivateKey(alias) : null;
					if (key != null) {
						return use.apply(key, List.of(keys.getCertificateChain(alias)));
					}
				}
			}
		}
		catch (IllegalArgumentException ex) {
			problem = String.valueOf(ex.getMessage());
		}
		catch (RuntimeException ex) {
			problem = "has no key that can be read";
		}
		throw new InvalidPropertyException(provider.property("ssl-bundle"), provider.client().sslBundle(), problem,
				"Give the bundle a key and its certificate (keystore.private-key and keystore.certificate below"
						+ " spring.ssl.bundle.pem." + provider.client().sslBundle() + ").");
	}

	private static @Nullable String alias(X509KeyManager keys, @Nullable String configured) {
		if (configured != null) {
			return configured;
		}
		return KEY_TYPES.stream()
			.map((type) -> keys.getClientAliases(type, null))
			.flatMap((aliases) -> (aliases != null) ? Stream.of(aliases) : Stream.empty())
			.findFirst()
			.orElse(null);
	}

	/** A key can also be the value of the property, by a secret of the environment. */
	private static boolean isContent(String location) {
		return location.contains("-----BEGIN") || location.startsWith("{");
	}

	/** What may be the key itself, or a part of it, is not repeated. */
	private static @Nullable String shown(@Nullable String location) {
		boolean harmless = location != null && looksLikeAPath(location) && !isContent(location)
				&& !location.startsWith(BASE64)
				&& (!location.contains("://") || location.startsWith(ResourceUtils.FILE_URL_PREFIX))
				&& location.length() <= LONGEST_LOCATION && location.lines().count() == 1;
		return harmless ? location : null;
	}

	/** Not like base64, which has no dot and no colon; that of a key begins otherwise. */
	private static boolean looksLikeAPath(String location) {
		return location.startsWith("/") || location.contains(".") || location.contains(":");
	}

	private static String digest(byte[] bytes) {
		try {
			return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** A key, and what was last looked at: not always what the key is from. */
	private record Loaded(Object source, ClientKey key) {

		@Override
		public String toString() {
			return "Loaded[key=" + this.key + "]";
		}

	}

}
