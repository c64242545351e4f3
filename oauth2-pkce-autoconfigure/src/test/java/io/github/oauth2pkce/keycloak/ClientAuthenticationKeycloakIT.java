package io.github.oauth2pkce.keycloak;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;

import static org.assertj.core.api.Assertions.assertThat;

/** Clients that share no secret with Keycloak, or do not send it. */
@Timeout(300)
@ExtendWith(KeycloakExtension.class)
class ClientAuthenticationKeycloakIT {

	private static final CredentialId ID = CredentialId.ofApplication("api");

	private final KeycloakServer keycloak;

	private final KeycloakBrowser browser;

	private final KeycloakOperator operator;

	@TempDir
	Path directory;

	ClientAuthenticationKeycloakIT(KeycloakServer keycloak, KeycloakBrowser browser) {
		this.keycloak = keycloak;
		this.browser = browser;
		this.operator = new KeycloakOperator(keycloak);
	}

	/** A login has them all: device authorization, polls, refresh, revocation. */
	@Test
	void signsEveryRequestOfALogin() throws Exception {
		createClient("signing", "client-jwt",
				Map.of("use.jwks.string", "true", "jwks.string", this.keycloak.tls().clientJwks()));
		try (KeycloakApplication application = start(this.keycloak.issuer(), "api.client-id=signing",
				"api.client-assertion.key=" + this.keycloak.tls().clientKey().toUri())) {
			Login login = application.bean(Logins.class).start("api");
			UserCode code = login.shown().get(30, TimeUnit.SECONDS).userCode();
			this.browser.approve(String.valueOf(code.verificationUriComplete()), "alice", "alice-pw");
			login.completion().get(30, TimeUnit.SECONDS);
			assertThat(application.call(this.keycloak.userInfoEndpoint())).isEqualTo("alice");
			Credentials credentials = application.bean(Credentials.class);
			credentials.current(ID, RefreshTrigger.MANUAL).get(30, TimeUnit.SECONDS);
			assertThat(credentials.status(ID).lastOutcome()).isEqualTo(RefreshOutcome.REFRESHED);
			assertThat(application.bean(Logout.class).logOut(ID).revoked()).isTrue();
		}
	}

	/** Keycloak names the key of a certificate in another way than RFC 7638. */
	@Test
	void signsWithTheKeyOfACertificateThatKeycloakHas() throws Exception {
		createClient("certified", "client-jwt", Map.of("jwt.credential.certificate",
				Base64.getEncoder().encodeToString(this.keycloak.tls().certificate().getEncoded())));
		try (KeycloakApplication application = start(this.keycloak.issuer(), "api.client-id=certified",
				"api.authorization-grant-type=client_credentials",
				"api.client-assertion.key=" + this.keycloak.tls().clientKey().toUri(),
				"api.client-assertion.key-id=" + keycloaksKeyId())) {
			assertThat(application.call(this.keycloak.userInfoEndpoint())).isEqualTo("service-account-certified");
		}
	}

	@Test
	void signsWithItsSecret() {
		this.operator.createClient("secretive", Map.of("clientAuthenticatorType", "client-secret-jwt", "secret",
				"a-secret-of-thirty-two-bytes-and-some", "serviceAccountsEnabled", true));
		try (KeycloakApplication application = start(this.keycloak.issuer(), "api.client-id=secretive",
				"api.authorization-grant-type=client_credentials", "api.client-authentication-method=client_secret_jwt",
				"api.client-secret=a-secret-of-thirty-two-bytes-and-some")) {
			assertThat(application.call(this.keycloak.userInfoEndpoint())).isEqualTo("service-account-secretive");
		}
	}

	@Test
	void showsItsCertificate() {
		createClient("certificate", "client-x509", Map.of("x509.subjectdn", "CN=client"));
		String pem = "spring.ssl.bundle.pem.mine.";
		try (KeycloakApplication application = start(this.keycloak.tlsIssuer(), "api.client-id=certificate",
				"api.authorization-grant-type=client_credentials", "api.client-authentication-method=tls_client_auth",
				"api.ssl-bundle=mine", pem + "keystore.certificate=" + this.keycloak.tls().clientCertificate().toUri(),
				pem + "keystore.private-key=" + this.keycloak.tls().clientKey().toUri(),
				pem + "truststore.certificate=" + this.keycloak.tls().serverCertificate().toUri(),
				"spring.http.clients.ssl.bundle=mine")) {
			assertThat(application.call(this.keycloak.tlsIssuer() + "/protocol/openid-connect/userinfo"))
				.isEqualTo("service-account-certificate");
		}
	}

	/** The assertion is the token of another realm, whose client it is. */
	@Test
	void isWhoAnotherRealmSaysItIs() throws Exception {
		String partner = this.keycloak.partnerIssuer();
		KeycloakOperator there = new KeycloakOperator(partner);
		there.createClient("of-clients",
				Map.of("secret", "of-clients-secret", "serviceAccountsEnabled", true, "fullScopeAllowed", false));
		there.addAudience("of-clients", "included.custom.audience", this.keycloak.issuer());
		this.operator.trustIssuer("partner-of-clients", partner,
				Map.of("supportsClientAssertions", "true", "supportsClientAssertionReuse", "true"));
		createClient("federated", "federated-jwt", Map.of("jwt.credential.issuer", "partner-of-clients",
				"jwt.credential.sub", there.serviceAccount("of-clients")));
		try (KeycloakApplication application = start(this.keycloak.issuer(), "workload.issuer-uri=" + partner,
				"workload.client-id=of-clients", "workload.client-secret=of-clients-secret",
				"workload.authorization-grant-type=client_credentials", "api.client-id=federated",
				"api.authorization-grant-type=client_credentials", "api.client-assertion.provider=workload")) {
			assertThat(application.call(this.keycloak.userInfoEndpoint())).isEqualTo("service-account-federated");
			Credentials credentials = application.bean(Credentials.class);
			credentials.current(ID, RefreshTrigger.MANUAL).get(30, TimeUnit.SECONDS);
			assertThat(credentials.status(ID).lastOutcome()).isEqualTo(RefreshOutcome.REFRESHED);
		}
		finally {
			this.operator.distrustIssuer("partner-of-clients");
		}
	}

	private void createClient(String id, String authenticator, Map<String, String> attributes) {
		Map<String, String> all = new HashMap<>(attributes);
		all.put("oauth2.device.authorization.grant.enabled", "true");
		this.operator.createClient(id,
				Map.of("clientAuthenticatorType", authenticator, "serviceAccountsEnabled", true, "attributes", all));
	}

	private KeycloakApplication start(String issuer, String... properties) {
		List<String> all = new ArrayList<>(List.of("api.issuer-uri=" + issuer, "api.scope=openid",
				"api.base-urls=" + issuer + "/protocol/openid-connect/userinfo"));
		all.addAll(List.of(properties));
		return KeycloakApplication.start(this.directory, all);
	}

	private String keycloaksKeyId() throws GeneralSecurityException {
		byte[] key = this.keycloak.tls().certificate().getPublicKey().getEncoded();
		return Base64.getUrlEncoder().withoutPadding().encodeToString(MessageDigest.getInstance("SHA-256").digest(key));
	}

}
