package io.github.oauth2pkce.keycloak;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tokens for tokens: standard token exchange (RFC 8693), and the JWT authorization grant
 * (RFC 7523) with assertions of another realm.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(KeycloakExtension.class)
class ForeignTokenKeycloakIT {

	private static final String PARTNER = "partner-of-users";

	private final KeycloakServer keycloak;

	private final KeycloakBrowser browser;

	private final KeycloakOperator operator;

	@TempDir
	Path directory;

	ForeignTokenKeycloakIT(KeycloakServer keycloak, KeycloakBrowser browser) {
		this.keycloak = keycloak;
		this.browser = browser;
		this.operator = new KeycloakOperator(keycloak);
	}

	@BeforeAll
	void trust() {
		KeycloakOperator partner = new KeycloakOperator(this.keycloak.partnerIssuer());
		partner.createClient("of-users",
				Map.of("secret", "of-users-secret", "serviceAccountsEnabled", true, "fullScopeAllowed", false));
		partner.addAudience("of-users", "included.custom.audience", this.keycloak.issuer());
		this.operator.trustIssuer(PARTNER, this.keycloak.partnerIssuer(),
				Map.of("jwtAuthorizationGrantEnabled", "true"));
		this.operator.link("bob", PARTNER, partner.serviceAccount("of-users"));
		this.operator.createClient("granted", Map.of("secret", "granted-secret", "attributes", Map
			.of("oauth2.jwt.authorization.grant.enabled", "true", "oauth2.jwt.authorization.grant.idp", PARTNER)));
		this.operator.createClient("exchanger",
				Map.of("secret", "exchanger-secret", "attributes", Map.of("standard.token.exchange.enabled", "true")));
		this.operator.addAudience("device-pkce", "included.client.audience", "exchanger");
	}

	@AfterAll
	void distrust() {
		this.operator.distrustIssuer(PARTNER);
	}

	@Test
	void exchangesAPersonsTokenAndHasNoneAfterTheLogout() throws Exception {
		try (KeycloakApplication application = start("person.issuer-uri=" + this.keycloak.issuer(),
				"person.client-id=device-pkce", "person.scope=openid", "api.authorization-grant-type=token-exchange",
				"api.client-id=exchanger", "api.client-secret=exchanger-secret", "api.subject-token.provider=person")) {
			logIn(application, "person");
			assertThat(application.call(this.keycloak.userInfoEndpoint())).isEqualTo("alice");
			assertThat(token(application)).isInstanceOf(BearerToken.Available.class);
			application.bean(Logout.class).forget(CredentialId.ofApplication("person"));
			assertThat(application.call(this.keycloak.userInfoEndpoint())).isEqualTo("401");
		}
	}

	@Test
	void saysWhatKeycloakSaysOfATokenThatIsForAnotherClient() {
		try (KeycloakApplication application = start("robot.issuer-uri=" + this.keycloak.issuer(),
				"robot.client-id=machine", "robot.client-secret=machine-secret",
				"robot.authorization-grant-type=client_credentials", "api.authorization-grant-type=token-exchange",
				"api.client-id=exchanger", "api.client-secret=exchanger-secret", "api.subject-token.provider=robot")) {
			assertThat(application.call(this.keycloak.userInfoEndpoint())).isEqualTo("401");
			assertThat(application.bean(Credentials.class).status(CredentialId.ofApplication("api")).lastError())
				.isEqualTo("access_denied");
		}
	}

	@Test
	void isGrantedATokenForAnAssertionOfAnotherRealmInAFile() throws Exception {
		Path file = this.directory.resolve("assertion");
		try (KeycloakApplication application = start("partner.issuer-uri=" + this.keycloak.partnerIssuer(),
				"partner.client-id=of-users", "partner.client-secret=of-users-secret",
				"partner.authorization-grant-type=client_credentials", "api.authorization-grant-type=jwt-bearer",
				"api.client-id=granted", "api.client-secret=granted-secret", "api.subject-token.file=" + file)) {
			for (int i = 0; i < 2; i++) {
				// Keycloak takes each assertion once.
				Files.writeString(file, assertion(application) + "\n");
				assertThat(token(application)).isInstanceOf(BearerToken.Available.class);
				assertThat(application.call(this.keycloak.userInfoEndpoint())).isEqualTo("bob");
			}
		}
	}

	private static String assertion(KeycloakApplication application) throws Exception {
		return ((BearerToken.Available) application.bean(Credentials.class)
			.current(CredentialId.ofApplication("partner"), RefreshTrigger.MANUAL)
			.get(30, TimeUnit.SECONDS)).accessToken();
	}

	private static BearerToken token(KeycloakApplication application) throws Exception {
		return application.bean(Credentials.class)
			.current(CredentialId.ofApplication("api"), RefreshTrigger.MANUAL)
			.get(30, TimeUnit.SECONDS);
	}

	private void logIn(KeycloakApplication application, String providerId) throws Exception {
		Login login = application.bean(Logins.class).start(providerId);
		UserCode code = login.shown().get(30, TimeUnit.SECONDS).userCode();
		this.browser.approve(String.valueOf(code.verificationUriComplete()), "alice", "alice-pw");
		login.completion().get(30, TimeUnit.SECONDS);
	}

	private KeycloakApplication start(String... properties) {
		List<String> all = new ArrayList<>(List.of("api.issuer-uri=" + this.keycloak.issuer(), "api.scope=openid",
				"api.base-urls=" + this.keycloak.userInfoEndpoint()));
		all.addAll(List.of(properties));
		return KeycloakApplication.start(this.directory.resolve("logins"), all);
	}

}
