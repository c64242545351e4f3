package io.github.oauth2pkce.keycloak;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.List;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;

import io.github.oauth2pkce.testing.TestKeys;

/**
 * Keys and certificates around one server, as PEM files.
 *
 * @param directory where they are
 */
record KeycloakTls(Path directory) {

	private static final String SERVER = "server";

	private static final String CLIENT = "client";

	static KeycloakTls generate(Path directory) {
		try {
			KeycloakTls tls = new KeycloakTls(Files.createDirectories(directory));
			for (String name : List.of(SERVER, CLIENT)) {
				TestKeys keys = TestKeys.generate(directory, name);
				keys.writeKey(tls.file(name, "key"));
				keys.writeCertificate(tls.file(name, "pem"));
			}
			return tls;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** For a server on 127.0.0.1, ours included: Keycloak trusts it. */
	Path serverKey() {
		return file(SERVER, "key");
	}

	Path serverCertificate() {
		return file(SERVER, "pem");
	}

	/** For a client whose certificate Keycloak trusts: {@code CN=client}. */
	Path clientKey() {
		return file(CLIENT, "key");
	}

	Path clientCertificate() {
		return file(CLIENT, "pem");
	}

	/** The client's public key. Keycloak looks at no key without {@code use}. */
	String clientJwks() {
		try {
			return new JWKSet(
					new ECKey.Builder(Curve.P_256, (ECPublicKey) certificate().getPublicKey()).keyUse(KeyUse.SIGNATURE)
						.keyIDFromThumbprint()
						.build())
				.toString();
		}
		catch (JOSEException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** What is in {@link #clientCertificate()}. */
	X509Certificate certificate() {
		return certificate(clientCertificate());
	}

	/** For whoever trusts the server. */
	SSLContext trust() {
		try {
			KeyStore certificates = KeyStore.getInstance("PKCS12");
			certificates.load(null, null);
			certificates.setCertificateEntry(SERVER, certificate(serverCertificate()));
			TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			managers.init(certificates);
			SSLContext context = SSLContext.getInstance("TLS");
			context.init(null, managers.getTrustManagers(), null);
			return context;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static X509Certificate certificate(Path file) {
		try (InputStream pem = Files.newInputStream(file)) {
			return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private Path file(String name, String extension) {
		return this.directory.resolve(name + "." + extension);
	}

	/** What the server is started with. */
	List<String> options(int port) {
		return List.of("--https-port=" + port, "--https-certificate-file=" + serverCertificate(),
				"--https-certificate-key-file=" + serverKey(),
				"--truststore-paths=" + serverCertificate() + "," + clientCertificate());
	}

}
