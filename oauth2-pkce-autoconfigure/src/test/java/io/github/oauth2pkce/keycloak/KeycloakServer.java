package io.github.oauth2pkce.keycloak;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A Keycloak with the {@code demo} realm of {@code keycloak/demo-realm.json}, as it was
 * right after its import, and a {@code partner} realm for what one server says to
 * another. Every server has ports and a database of its own, so several can run side by
 * side. Its issuer follows the {@code Host} header of a request: reached through a proxy,
 * it calls itself what the proxy is called.
 */
public final class KeycloakServer implements AutoCloseable {

	private static final String REALM = "demo";

	private static final String PARTNER = "partner";

	private final Path home;

	private final int port;

	private final int tlsPort;

	private final KeycloakTls tls;

	private KeycloakProcess process;

	private KeycloakServer(Path home, int port, int tlsPort) {
		this.home = home;
		this.port = port;
		this.tlsPort = tlsPort;
		this.tls = KeycloakTls.generate(home.resolve("data/tls"));
		this.process = launch();
	}

	/**
	 * Return the one server of this test run, started on first use. It ends with the JVM.
	 */
	public static KeycloakServer shared() {
		return Shared.INSTANCE;
	}

	/**
	 * Start a server of one's own, prepared first if this machine never ran one.
	 */
	public static KeycloakServer start() {
		KeycloakInstallation installation = KeycloakInstallation.prepare(REALM, PARTNER);
		int port = freePort();
		return new KeycloakServer(installation.createHome("server-" + port), port, freePort());
	}

	public String issuer() {
		return issuer(REALM);
	}

	/**
	 * The same realm over TLS: there a client may have a certificate.
	 */
	public String tlsIssuer() {
		return "https://127.0.0.1:" + this.tlsPort + "/realms/" + REALM;
	}

	/**
	 * The realm of somebody else.
	 */
	public String partnerIssuer() {
		return issuer(PARTNER);
	}

	private String issuer(String realm) {
		return "http://127.0.0.1:" + this.port + "/realms/" + realm;
	}

	KeycloakTls tls() {
		return this.tls;
	}

	public String authorizationEndpoint() {
		return issuer() + "/protocol/openid-connect/auth";
	}

	public String deviceAuthorizationEndpoint() {
		return issuer() + "/protocol/openid-connect/auth/device";
	}

	public String tokenEndpoint() {
		return issuer() + "/protocol/openid-connect/token";
	}

	public String revocationEndpoint() {
		return issuer() + "/protocol/openid-connect/revoke";
	}

	public String userInfoEndpoint() {
		return issuer() + "/protocol/openid-connect/userinfo";
	}

	public int port() {
		return this.port;
	}

	/**
	 * Stop and start again with the same port and database: sessions and refresh tokens
	 * survive.
	 */
	public void restart() {
		this.process.close();
		this.process = launch();
	}

	@Override
	public void close() {
		this.process.close();
		if (Files.exists(this.home)) {
			KeycloakInstallation.deleteTree(this.home);
		}
	}

	private KeycloakProcess launch() {
		return KeycloakProcess.serve(this.home, this.port, issuer() + "/.well-known/openid-configuration",
				this.tls.options(this.tlsPort));
	}

	/**
	 * Below the range from which systems give out ephemeral ports: the port is bound
	 * seconds after this check, and no outgoing connection can take it meanwhile.
	 */
	static int freePort() {
		for (int attempt = 0; attempt < 100; attempt++) {
			int port = ThreadLocalRandom.current().nextInt(20000, 32000);
			try (ServerSocket socket = new ServerSocket()) {
				socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
				return port;
			}
			catch (IOException ex) {
				// Taken: try another.
			}
		}
		throw new IllegalStateException("No free loopback port between 20000 and 32000");
	}

	private static final class Shared {

		static final KeycloakServer INSTANCE = start();

	}

}
