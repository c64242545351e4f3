package io.github.oauth2pkce.keycloak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
