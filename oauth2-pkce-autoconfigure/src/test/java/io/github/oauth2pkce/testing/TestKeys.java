package io.github.oauth2pkce.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A key and its self-signed certificate for 127.0.0.1 and for no name, as PKCS#12 and as
 * PEM files.
 */
public final class TestKeys {

	public static final String PASSWORD = "changeit";

	private final KeyStore keys;

	private final Path store;

	private TestKeys(KeyStore keys, Path store) {
		this.keys = keys;
		this.store = store;
	}

	public static TestKeys generate(Path directory, String name) {
		return generate(directory, name, "EC", "-groupname", "secp256r1");
	}

	/**
	 * Another kind of key.
	 * @param algorithm as {@code keytool} knows it
	 * @param option what says which one
	 * @param value its value
	 */
	public static TestKeys generate(Path directory, String name, String algorithm, String option, String value) {
		Path store = directory.resolve(name + ".p12");
		keytool("-genkeypair", "-alias", "key", "-keyalg", algorithm, option, value, "-dname", "CN=" + name, "-ext",
				"SAN=IP:127.0.0.1", "-validity", "2", "-keystore", store.toString());
		try (InputStream in = Files.newInputStream(store)) {
			KeyStore keys = KeyStore.getInstance("PKCS12");
			keys.load(in, PASSWORD.toCharArray());
			return new TestKeys(keys, store);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** As a rename, so that nobody reads half a file. */
	public void copyTo(Path target) {
		replace(target, (copy) -> Files.copy(this.store, copy, StandardCopyOption.REPLACE_EXISTING));
	}

	public void writeCertificate(Path target) {
		try {
			writePem(target, "CERTIFICATE", this.keys.getCertificate("key").getEncoded());
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * What a token that is bound to the certificate says of it (RFC 8705 section 3.1).
	 */
	public String thumbprint() {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(this.keys.getCertificate("key").getEncoded());
			return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	public void writeKey(Path target) {
		try {
			writePem(target, "PRIVATE KEY", this.keys.getKey("key", PASSWORD.toCharArray()).getEncoded());
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void writePem(Path target, String type, byte[] encoded) {
		String body = Base64.getMimeEncoder(64, new byte[] { '\n' }).encodeToString(encoded);
		replace(target, (file) -> Files.writeString(file,
				"-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n"));
	}

	public static void replace(Path target, Writing writing) {
		try {
			Path temporary = target.resolveSibling(target.getFileName() + ".new");
			writing.write(temporary);
			Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * For a server.
	 * @param trusted whose certificate it takes, may be {@code null}
	 */
	public SSLContext context(@Nullable TestKeys trusted) throws GeneralSecurityException {
		KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		managers.init(this.keys, PASSWORD.toCharArray());
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(managers.getKeyManagers(), (trusted != null) ? trusted.trust() : null, new SecureRandom());
		return context;
	}

	private javax.net.ssl.TrustManager[] trust() throws GeneralSecurityException {
		try {
			KeyStore certificates = KeyStore.getInstance("PKCS12");
			certificates.load(null, null);
			certificates.setCertificateEntry("trusted", this.keys.getCertificate("key"));
			TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			managers.init(certificates);
			return managers.getTrustManagers();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void keytool(String... arguments) {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
		command.addAll(List.of(arguments));
		command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
			String output = new String(process.getInputStream().readAllBytes());
			assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
			assertThat(process.exitValue()).as(output).isZero();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	public interface Writing {

		void write(Path file) throws IOException;

	}

}
