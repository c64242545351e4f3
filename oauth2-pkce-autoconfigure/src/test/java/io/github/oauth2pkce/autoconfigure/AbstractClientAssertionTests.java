package io.github.oauth2pkce.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

/** A client that shows assertions, at a server that takes none twice. */
@Timeout(60)
abstract class AbstractClientAssertionTests {

	static final CredentialId ACME = CredentialId.ofApplication("acme");

	static final String PREFIX = "oauth2.pkce.providers.acme.";

	static final String ASSERTION = PREFIX + "client-assertion.";

	static final String MACHINE = PREFIX + "authorization-grant-type=client_credentials";

	final FakeAuthorizationServer server = FakeAuthorizationServer.start("/realms/demo");

	@TempDir
	@SuppressWarnings("NullAway.Init")
	Path directory;

	@BeforeEach
	void approve() {
		this.server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	TestApplication application(String... properties) {
		return TestApplication.of(WebApplicationType.NONE)
			.with(PREFIX + "issuer-uri=" + this.server.issuer(), PREFIX + "client-id=app")
			.with(properties);
	}

	/** Another one for each call. */
	static BearerToken token(ConfigurableApplicationContext context) throws Exception {
		Credentials credentials = context.getBean(Credentials.class);
		boolean first = credentials.status(ACME).expiresAt() == null;
		return credentials.current(ACME, first ? RefreshTrigger.EXPIRY : RefreshTrigger.MANUAL).get();
	}

}
