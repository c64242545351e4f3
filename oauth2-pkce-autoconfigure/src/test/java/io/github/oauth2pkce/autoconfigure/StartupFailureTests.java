package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.stream.Stream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.configuration.ConfiguredProviders;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientProperties;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * A wrong configuration stops the start with a sentence that names the property, its
 * value unless it is secret, and what to do.
 */
@ExtendWith(OutputCaptureExtension.class)
@Timeout(60)
class StartupFailureTests {

	private static final String PROVIDER = "oauth2.pkce.providers.acme.";

	private static final String SPRING = "spring.security.oauth2.client.registration.acme.";

	@ParameterizedTest
	@ValueSource(strings = { "maybe", "yes", "no", "1", "0", "on", "off", "TRUE!", "y" })
	void namesPathAndValueOfPkceThatIsNotBoolean(String value, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "pkce=" + value);
		assertThat(output).contains(PROVIDER + "pkce", "\"" + value + "\"", "APPLICATION FAILED TO START");
	}

	@Test
	void refusesToRequireAnIssuerThatIsNotKnown(CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "require-iss=true",
				PROVIDER + "authorization-grant-type=authorization_code");
		assertThat(output).contains(PROVIDER + "require-iss", "there is no issuer-uri", PROVIDER + "issuer-uri");
	}

	@Test
	void namesPathAndValueOfARequiredIssuerThatIsNotBoolean(CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "issuer-uri=https://login.example.com",
				PROVIDER + "require-iss=on");
		assertThat(output).contains(PROVIDER + "require-iss", "\"on\"", "is not a Boolean");
	}

	@Test
	void namesPathAndValueOfPkceInYaml(@TempDir Path directory, CapturedOutput output) throws IOException {
		Path yaml = Files.writeString(directory.resolve("application.yml"), """
				oauth2:
				  pkce:
				    providers:
				      acme:
				        client-id: app
				        pkce: sometimes
				""");
		fails("spring.config.location=" + yaml);
		assertThat(output).contains(PROVIDER + "pkce", "\"sometimes\"");
	}

	@Test
	void saysWhereAWrongValueIsSet(@TempDir Path directory, CapturedOutput output) throws IOException {
		Path yaml = Files.writeString(directory.resolve("application.yml"), """
				oauth2:
				  pkce:
				    providers:
				      acme:
				        client-id: app
				        authorization-grant-type: device
				""");
		fails("spring.config.location=" + yaml);
		assertThat(output).contains("is not a grant that can be used here. It is set at ", "application.yml] - 6:35.");
	}

	@Test
	void yesInYamlIsBooleanAlready(@TempDir Path directory) throws IOException {
		Path yaml = Files.writeString(directory.resolve("application.yml"), """
				oauth2:
				  pkce:
				    providers:
				      acme:
				        client-id: app
				        pkce: yes
				      other:
				        client-id: app
				        pkce: off
				""");
		try (ConfigurableApplicationContext context = start("spring.config.location=" + yaml)) {
			assertThat(context.getBean(ConfiguredProviders.class).providers().get("acme").login().pkce()).isTrue();
			assertThat(context.getBean(ConfiguredProviders.class).providers().get("other").login().pkce()).isFalse();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "oauth2.pkce.providers[my.idp].", "oauth2.pkce.providers[My Idp].",
			"oauth2.pkce.providers[MyIdp].", "oauth2.pkce.providers[plain].",

			"oauth2.pkce.providers.MyIdp.", "oauth2.pkce.providers.my_idp." })
	void findsPkceThatIsNotBooleanBelowAnyId(String prefix, CapturedOutput output) {
		fails(prefix + "client-id=app", prefix + "pkce=yes");
		assertThat(output).contains("\"yes\"", "is not a Boolean")
			.containsPattern("property oauth2.pkce.providers.*pkce");
	}

	@ParameterizedTest
	@CsvSource({ "https://127.0.0.1/callback, is not an http address of this machine",
			"http://192.168.1.7/callback, is not an http address of this machine",
			"http://127.0.0.2/callback, is not an http address of this machine",
			"/callback, is not an http address of this machine", "http://127.0.0.1/a#b, has a fragment",
			"http://127.0.0.1:0/a, out of range", "http://127.0.0.1:65536/a, out of range",
			"http://127.0.0.1/a/../b, has a path that a browser changes",
			"{baseUrl}/login/oauth2/code/acme, is not a URL" })
	void namesTheRedirectUriThatNobodyCanListenAt(String value, String problem, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "redirect-uri=" + value);
		assertThat(output).contains(PROVIDER + "redirect-uri", value, problem, "http://127.0.0.1:{port}/callback");
	}

	@Test
	void showsNoCredentialsOfARedirectUri(CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "redirect-uri=http://me:s3cret@127.0.0.1/a");
		assertThat(output).contains(PROVIDER + "redirect-uri", "user info").doesNotContain("s3cret");
	}

	@ParameterizedTest
	@ValueSource(strings = { PROVIDER, SPRING })
	void namesARedirectPortThatIsNotTheOneOfTheRedirectUri(String whose, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "redirect-port=9000", SPRING + "client-id=app",
				whose + "redirect-uri=http://localhost:8765/a");
		assertThat(output).contains(PROVIDER + "redirect-port", "9000",
				whose + "redirect-uri = http://localhost:8765/a");
	}

	@ParameterizedTest
	@ValueSource(strings = { ".", ".." })
	void namesAnIdThatIsNoPartOfAPath(String id, CapturedOutput output) {
		fails("oauth2.pkce.providers[" + id + "].client-id=app");
		assertThat(output).contains("has an id that cannot be part of a URL");
	}

	@Test
	void namesABeanThatNobodyDefined(CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "authorization-grant-type=jwt-bearer",
				PROVIDER + "subject-token.bean=vault");
		assertThat(output).contains(PROVIDER + "subject-token.bean",
				"\"vault\" names no bean of type SubjectTokenSource; there is none",
				"Use the name of one, or define it.");
	}

	@Test
	void namesTheChainOfProvidersThatNeedEachOther(CapturedOutput output) {
		String other = "oauth2.pkce.providers.other.";
		fails(PROVIDER + "client-id=app", PROVIDER + "authorization-grant-type=token-exchange",
				PROVIDER + "subject-token.provider=other", other + "client-id=app",
				other + "authorization-grant-type=token-exchange", other + "subject-token.provider=acme");
		assertThat(output).contains("closes a circle: each of these needs a token of the next, acme -> other -> acme");
	}

	@ParameterizedTest
	@ValueSource(strings = { "implicit", "password", "devicecode", "device code",
			"urn:ietf:params:oauth:grant-type:saml2-bearer" })
	void listsTheChoicesForAnUnknownGrant(String grant, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "authorization-grant-type=" + grant);
		assertThat(output).contains(PROVIDER + "authorization-grant-type", "\"" + grant + "\"", "device_code",
				"authorization_code", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code");
	}

	@Test
	void namesTheMissingClientId(CapturedOutput output) {
		fails(PROVIDER + "issuer-uri=https://login.example.com");
		assertThat(output).contains(PROVIDER + "client-id", "is missing", SPRING + "client-id");
	}

	@Test
	void namesExtrasWithoutARegistration(CapturedOutput output) {
		fails(PROVIDER + "base-urls=https://api.example.com",
				"spring.security.oauth2.client.registration.other.client-id=x",
				"spring.security.oauth2.client.registration.other.provider=google");
		assertThat(output).contains(PROVIDER + "client-id", "is missing", SPRING + "client-id");
	}

	@Test
	void namesTheModuleThatWouldReadSpringsShape() {
		new ApplicationContextRunner().withUserConfiguration(OnlyOurs.class)
			.withClassLoader(new FilteredClassLoader(OAuth2ClientProperties.class))
			.withPropertyValues(PROVIDER + "base-urls=https://api.example.com", SPRING + "client-id=app",
					"oauth2.pkce.store.type=memory")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContainingAll(PROVIDER + "client-id", "nothing here reads " + SPRING + "client-id"));
	}

	@Test
	void namesTwoSpellingsOfOneId(CapturedOutput output) {
		fails("oauth2.pkce.providers.my-idp.client-id=app", "oauth2.pkce.providers.myIdp.pkce=false");
		assertThat(output).contains("oauth2.pkce.providers.my-idp", "oauth2.pkce.providers.myIdp",
				"is the same to Spring Boot as", "Spell it in one way");
	}

	/** Environment variables have neither dashes nor lower case. */
	@ParameterizedTest
	@CsvSource({ "my-idp, oauth2.pkce.providers.my-idp, OAUTH2_PKCE_PROVIDERS_MYIDP_CLIENTSECRET",
			"MyIdp, oauth2.pkce.providers.MyIdp, OAUTH2_PKCE_PROVIDERS_MYIDP_CLIENTSECRET",
			"my_idp, oauth2.pkce.providers.my_idp, OAUTH2_PKCE_PROVIDERS_MYIDP_CLIENTSECRET",
			"myidp, oauth2.pkce.providers.myidp, OAUTH2_PKCE_PROVIDERS_MYIDP_CLIENTSECRET",
			"my-idp, spring.security.oauth2.client.registration.my-idp, OAUTH2_PKCE_PROVIDERS_MYIDP_CLIENTSECRET",
			"my-idp, spring.security.oauth2.client.registration.my-idp, "
					+ "SPRING_SECURITY_OAUTH2_CLIENT_REGISTRATION_MYIDP_CLIENTSECRET" })
	void takesAnEnvironmentVariableForTheProviderOfTheFile(String id, String prefix, String variable) {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, Map.of(variable, "secret")));
		SpringApplication application = new SpringApplication(OnlyOurs.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setEnvironment(environment);
		try (ConfigurableApplicationContext context = application.run("--oauth2.pkce.store.type=memory",
				"--" + prefix + ".client-id=app",
				"--spring.security.oauth2.client.provider.my-idp.token-uri=https://login.example.com/token",
				"--spring.security.oauth2.client.provider.my-idp.authorization-uri=https://login.example.com/auth")) {
			assertThat(context.getBean(Providers.class)).singleElement().satisfies((provider) -> {
				assertThat(provider.id()).isEqualTo(id);
				assertThat(provider.client().id()).isEqualTo("app");
				assertThat(provider.client().secret()).isEqualTo("secret");
			});
		}
	}

	@Test
	void namesSpringsPropertyWhenOnlySpringsShapeLacksTheClientId(CapturedOutput output) {
		fails(SPRING + "authorization-grant-type=client_credentials",
				"spring.security.oauth2.client.provider.acme.token-uri=https://login.example.com/token");
		assertThat(output).contains(SPRING + "client-id", "is missing").doesNotContain("remove oauth2.pkce");
	}

	@Test
	void namesSpringsProviderThatDoesNotExist(CapturedOutput output) {
		fails(SPRING + "client-id=app", SPRING + "provider=gogle");
		assertThat(output).contains(SPRING + "provider", "\"gogle\"");
	}

	@ParameterizedTest
	@ValueSource(strings = { "-1", "65536", "100000" })
	void namesTheRedirectPortOutOfRange(String port, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "redirect-port=" + port);
		assertThat(output).contains(PROVIDER + "redirect-port", "\"" + port + "\"", "1 to 65535");
	}

	@ParameterizedTest
	@ValueSource(strings = { "issuer-uri", "authorization-uri", "device-authorization-uri", "token-uri",
			"revocation-uri", "resource-metadata-uri" })
	void namesTheUriThatIsNone(String key, CapturedOutput output) {
		for (String value : List.of("/relative/path", "login.example.com", "http://[broken", "ftp://login.example.com/",
				"https:///path", "mailto:a")) {
			fails(PROVIDER + "client-id=app", PROVIDER + key + "=" + value);
			assertThat(output).contains("The property " + PROVIDER + key + " = \"" + value + "\"");
		}
	}

	@Test
	void neverPrintsUserInfoOfAUri(CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "token-uri=https://me:hunter22@login.example.com/token");
		assertThat(output).contains(PROVIDER + "token-uri").doesNotContain("hunter22");
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://cli:hunter22@my_idp/token", "https://cli:hunter22%zz@login.example.com",
			"https://cli:hunter 22@login.example.com", "cli:hunter22@login.example.com", "/token?secret=hunter22",
			"https:///token?a=1&secret=hunter22#secret=hunter22" })
	void neverPrintsWhatMayBeSecretInAUrlHoweverBroken(String value, CapturedOutput output) {
		for (String key : List.of("issuer-uri", "token-uri", "authorization-uri", "device-authorization-uri",
				"revocation-uri", "resource-metadata-uri", "base-urls", "ssl-bundle", "redirect-port", "refresh.skew",
				"pkce", "authorization-grant-type", "client-authentication-method", "principal")) {
			fails(PROVIDER + "client-id=app", PROVIDER + key + "=" + value);
			assertThat(output).contains("The property " + PROVIDER + key).doesNotContain("hunter");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "client-id", "client-secret", "issuer-uri", "token-uri", "base-urls", "resource", "scope",
			"ssl-bundle", "additional-parameters.prompt" })
	void namesThePlaceholderThatNothingResolves(String key, CapturedOutput output) {
		List<String> properties = new ArrayList<>(List.of(PROVIDER + key + "=${ACME_NOT_SET}"));
		if (!key.equals("client-id")) {
			properties.add(PROVIDER + "client-id=app");
		}
		fails(properties.toArray(String[]::new));
		assertThat(output).contains("The property " + PROVIDER + key + " refers to ${ACME_NOT_SET}, which is not set",
				"Set ACME_NOT_SET as a property or an environment variable");
	}

	@Test
	void namesThePlaceholderInSpringsShape(CapturedOutput output) {
		fails(SPRING + "client-id=${ACME_NOT_SET}",
				"spring.security.oauth2.client.provider.acme.issuer-uri=https://login.example.com");
		assertThat(output).contains("The property " + SPRING + "client-id refers to ${ACME_NOT_SET}");
	}

	/** A secret may look as it likes. */
	@Test
	void aSecretWithABraceInItIsASecret() {
		try (ConfigurableApplicationContext context = start(PROVIDER + "client-id=app",
				PROVIDER + "client-secret=a${b}c")) {
			assertThat(context.getBean(Providers.class).get("acme").client().secret()).isEqualTo("a${b}c");
		}
	}

	@Test
	void namesThePlaceholderInTheStoresDirectoryAndKey(CapturedOutput output) {
		fails(PROVIDER + "client-id=app", "oauth2.pkce.store.type=file",
				"oauth2.pkce.store.directory=${NO_DIR}/logins");
		fails(PROVIDER + "client-id=app", "oauth2.pkce.store.type=file", "oauth2.pkce.store.encryption-key=${NO_KEY}");
		fails(PROVIDER + "client-id=app", "oauth2.pkce.store.previous-encryption-keys=${OLD_KEY}");
		assertThat(output).contains("oauth2.pkce.store.directory refers to ${NO_DIR}",
				"oauth2.pkce.store.encryption-key refers to ${NO_KEY}",
				"oauth2.pkce.store.previous-encryption-keys refers to ${OLD_KEY}");
	}

	@Test
	void namesSpringsUriThatIsNone(CapturedOutput output) {
		fails(SPRING + "client-id=app", SPRING + "authorization-grant-type=client_credentials",
				"spring.security.oauth2.client.provider.acme.token-uri=/token");
		assertThat(output).contains("spring.security.oauth2.client.provider.acme.token-uri", "\"/token\"");
	}

	@ParameterizedTest
	@ValueSource(strings = { "api.example.com", "/v1", "ftp://api.example.com", "https://", "https://*.example.com",
			"https://me:pw@api.example.com", "https://api.example.com?q=1", "https://api.example.com/a/../b",
			"https://api.example.com/%2e%2e/b" })
	void namesTheBaseUrlThatIsNone(String value, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "base-urls[0]=https://fine.example.com",
				PROVIDER + "base-urls[1]=" + value);
		assertThat(output).contains(PROVIDER + "base-urls", "https://api.example.com/v1");
	}

	@Test
	void namesAnUnknownProviderKey(CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "base-url=https://api.example.com");
		assertThat(output).contains(
				"The property " + PROVIDER + "base-url (from property source \"commandLineArgs\") does not exist.",
				"Did you mean " + PROVIDER + "base-urls?", "https://", "/configuration.html#properties");
	}

	@Test
	void saysWhereAnUnknownKeyIsSet(@TempDir Path directory, CapturedOutput output) throws IOException {
		Path yaml = Files.writeString(directory.resolve("application.yml"), """
				oauth2:
				  pkce:
				    providers:
				      acme:
				        client-id: app
				        scopes: openid
				        pkce: S256
				""");
		fails("spring.config.location=" + yaml, PROVIDER + "pkce=true");
		assertThat(output).contains("The property " + PROVIDER + "scopes (from ",
				"application.yml] - 6:17) does not exist.", "Did you mean " + PROVIDER + "scope?");
		fails("spring.config.location=" + yaml, PROVIDER + "scopes=");
		assertThat(output).contains("The property " + PROVIDER + "pkce = \"S256\" (from ",
				"application.yml] - 7:15) is not a Boolean.");
	}

	@Test
	void namesAnUnknownGlobalKey(CapturedOutput output) {
		fails("oauth2.pkce.startup.refesh=false");
		assertThat(output).contains("oauth2.pkce.startup.refesh");
	}

	@Test
	void neverPrintsTheValueOfAMisspelledSecret(CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "client-secrte=hunter22hunter22");
		assertThat(output).contains(PROVIDER + "client-secrte").doesNotContain("hunter22");
	}

	@ParameterizedTest
	@CsvSource({ "encryption-key", "previous-encryption-keys" })
	void namesABadEncryptionKeyWithoutItsValue(String key, CapturedOutput output, @TempDir Path directory) {
		for (String value : List.of("not base64 at all!", "c2hvcnQta2V5LXNob3J0LWtleQ==")) {
			fails(PROVIDER + "client-id=app", "oauth2.pkce.store.type=file", "oauth2.pkce.store.directory=" + directory,
					"oauth2.pkce.store." + key + "=" + value);
			assertThat(output).contains("oauth2.pkce.store." + key, "is not a base64 AES-256 key")
				.doesNotContain(value);
		}
	}

	@Test
	void namesTheStoreDirectoryThatCannotBeWritten(CapturedOutput output, @TempDir Path directory) throws IOException {
		Path file = Files.writeString(directory.resolve("file"), "not a directory");
		Path below = file.resolve("store");
		fails(PROVIDER + "client-id=app", "oauth2.pkce.store.type=file", "oauth2.pkce.store.directory=" + below);
		assertThat(output).contains("oauth2.pkce.store.directory", below.toString(), "store.type=memory");
	}

	@Test
	void saysWhyTheStoreDirectoryCannotBeUsedInWords(CapturedOutput output, @TempDir Path directory)
			throws IOException {
		Path file = Files.writeString(directory.resolve("file"), "not a directory");
		fails(PROVIDER + "client-id=app", "oauth2.pkce.store.type=file",
				"oauth2.pkce.store.directory=" + file.resolve("store"));
		assertThat(output).contains("Not a directory").doesNotContain("FileSystemException:");
	}

	@ParameterizedTest
	@ValueSource(strings = { "?", "/" })
	void userWithoutAHomeIsToldToNameADirectory(String home, CapturedOutput output) {
		String before = System.setProperty("user.home", home);
		try {
			fails(PROVIDER + "client-id=app", "oauth2.pkce.store.type=file", "XDG_STATE_HOME=");
		}
		finally {
			System.setProperty("user.home", before);
		}
		assertThat(output).contains("This user has no home directory: set oauth2.pkce.store.directory");
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc", "redis", "paper" })
	void namesTheStoreTypeThatCannotBeUsed(String type, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", "oauth2.pkce.store.type=" + type);
		assertThat(output).contains("oauth2.pkce.store");
	}

	@Test
	void namesTheUnknownSslBundle(CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "ssl-bundle=nowhere");
		assertThat(output).contains(PROVIDER + "ssl-bundle", "\"nowhere\"", "spring.ssl.bundle");
	}

	@ParameterizedTest
	@ValueSource(strings = { "startup.timeout", "login.timeout", "refresh.request-timeout", "refresh.lock-timeout",
			"http.connect-timeout", "http.read-timeout", "providers.acme.refresh.skew",
			"providers.acme.assume-expiry" })
	void namesTheNegativeDuration(String key, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", "oauth2.pkce." + key + "=-5s");
		assertThat(output).contains("The property oauth2.pkce." + key, "\"-5s\"", "Action:");
	}

	@ParameterizedTest
	@ValueSource(strings = { "0B", "-1MB" })
	void namesTheResponseSizeThatIsNone(String size, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", "oauth2.pkce.http.max-response-size=" + size);
		assertThat(output).contains("The property oauth2.pkce.http.max-response-size");
	}

	@ParameterizedTest
	@CsvSource({ "providers.acme.principal,nobody,'application, current-user'",
			"providers.acme.on-missing-token,explode,'skip, fail'", "providers.acme.pkce,S256,true or false",
			"providers.acme.retry-unauthorized,perhaps,true or false", "providers.acme.refresh.skew,soon,30s",
			"providers.acme.redirect-port,http,a whole number", "login.on-startup,allways,'auto, always, never'",
			"store.type,paper,'file, memory, jdbc, redis'", "http.max-response-size,big,1MB" })
	void namesTheValueOutsideAClosedSetAndWhatCouldBeThere(String key, String value, String hint,
			CapturedOutput output) {
		fails(PROVIDER + "client-id=app", "oauth2.pkce." + key + "=" + value);
		assertThat(output).contains("The property oauth2.pkce." + key + " = \"" + value + "\"", hint)
			.doesNotContain("io.github.oauth2pkce.configuration.ProviderProperties", "java.lang.");
	}

	@ParameterizedTest
	@ValueSource(strings = { "private-key", "basic" })
	void namesTheClientAuthenticationMethodThatIsNotSupported(String method, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "client-authentication-method=" + method);
		assertThat(output).contains(PROVIDER + "client-authentication-method", "\"" + method + "\"",
				"client_secret_basic, client_secret_post or none", "private_key_jwt");
	}

	@ParameterizedTest
	@ValueSource(strings = { "DPoP", "Bearer, dpop", "PoP", "N_A" })
	void tokensThatAreNoBearersCannotBeAccepted(String types, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "accepted-token-types=" + types);
		assertThat(output).contains(PROVIDER + "accepted-token-types", "no bearers");
	}

	@ParameterizedTest
	@ValueSource(strings = { "not-a-uri", "https://api.example.com/#fragment", "::" })
	void namesTheResourceThatIsNone(String resource, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "resource=" + resource);
		assertThat(output).contains(PROVIDER + "resource", "\"" + resource + "\"");
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://me:hunter22@api.example.com/#fragment", "https://me:hunter22@api.example.com/mcp",
			"/mcp?key=hunter22" })
	void neverPrintsWhatMayBeSecretInAResource(String resource, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "resource=" + resource);
		assertThat(output).contains("The property " + PROVIDER + "resource").doesNotContain("hunter22");
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://api.example.com", "https://api.example.com/mcp",
			"https://api.example.com/mcp/.well-known/oauth-protected-resource",
			"https://api.example.com/.well-known/oauth-protected-resources",
			"https://api.example.com/.well-known/oauth-authorization-server/mcp",
			"https://api.example.com?/.well-known/oauth-protected-resource" })
	void namesTheResourceMetadataThatIsNone(String value, CapturedOutput output) {
		// Wrong is wrong, even where resource leaves nothing to discover.
		for (String resource : List.of("", "urn:given")) {
			fails(PROVIDER + "client-id=app", PROVIDER + "resource-metadata-uri=" + value,
					PROVIDER + "resource=" + resource);
			assertThat(output).contains("The property " + PROVIDER + "resource-metadata-uri = \"" + value + "\"",
					"is not the address of a protected resource's metadata",
					"https://api.example.com/.well-known/oauth-protected-resource/mcp");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://api.example.com/.well-known/oauth-protected-resource/mcp#hunter22",
			"https://me:hunter22@api.example.com/.well-known/oauth-protected-resource/mcp" })
	void namesTheResourceMetadataWithMoreThanAnAddress(String value, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "resource-metadata-uri=" + value);
		assertThat(output).contains("The property " + PROVIDER + "resource-metadata-uri", "has a fragment or user info")
			.doesNotContain("hunter22");
	}

	@ParameterizedTest
	@ValueSource(strings = { "client_id", "client_secret", "client_assertion", "client_assertion_type", "response_type",
			"response_mode", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
			"code_verifier", "grant_type", "device_code", "code", "refresh_token", "resource", "request",
			"request_uri" })
	void namesTheAdditionalParameterThatTheProtocolOwns(String name, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "additional-parameters." + name + "=hunter22");
		assertThat(output)
			.contains("The property " + PROVIDER + "additional-parameters." + name + " is a parameter of the protocol")
			.doesNotContain("hunter22");
	}

	@Test
	void namesThePropertyInPlaceOfAnAdditionalParameter(CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "additional-parameters.resource=https://api.example.com");
		assertThat(output).contains("Use " + PROVIDER + "resource instead.");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " " })
	void namesTheAdditionalParameterWithoutValue(String value, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "additional-parameters.prompt=" + value);
		assertThat(output).contains("The property " + PROVIDER + "additional-parameters.prompt is empty");
	}

	@Test
	void namesTheAdditionalParameterWithoutName(CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + "additional-parameters[ ]=consent");
		assertThat(output).contains("The property " + PROVIDER + "additional-parameters[ ] has no name");
	}

	@Test
	void additionalParametersInYamlKeepTheirNames(@TempDir Path directory) throws IOException {
		Path yaml = Files.writeString(directory.resolve("application.yml"), """
				oauth2:
				  pkce:
				    providers:
				      acme:
				        client-id: app
				        additional-parameters:
				          access_type: offline
				          "[kc_idp_hint]": github
				          max_age: 3600
				          select: yes
				""");
		try (ConfigurableApplicationContext context = start("spring.config.location=" + yaml)) {
			assertThat(
					context.getBean(ConfiguredProviders.class).providers().get("acme").request().additionalParameters())
				.containsExactlyInAnyOrderEntriesOf(
						Map.of("access_type", "offline", "kc_idp_hint", "github", "max_age", "3600", "select", "true"));
		}
	}

	/** As charts and scripts do it; what is empty is not meant. */
	@ParameterizedTest
	@ValueSource(strings = { "issuer-uri", "token-uri", "revocation-uri", "client-secret", "scope", "base-urls",
			"resource", "ssl-bundle", "authorization-grant-type", "client-authentication-method",
			"refresh.rejected-error-codes" })
	void textThatIsEmptyCountsAsNotSet(String key) {
		for (String value : List.of("", "  ")) {
			try (ConfigurableApplicationContext context = start(PROVIDER + "client-id=app",
					PROVIDER + key + "=" + value)) {
				assertThat(context.getBean(Providers.class).get("acme").tokens().rejectedErrorCodes())
					.contains("invalid_grant");
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "pkce", "retry-unauthorized", "refresh.skew", "redirect-port", "principal",
			"on-missing-token" })
	void namesTheValueThatIsMissing(String key, CapturedOutput output) {
		fails(PROVIDER + "client-id=app", PROVIDER + key + "=");
		assertThat(output).contains("The property " + PROVIDER + key, "Action:");
	}

	@ParameterizedTest
	@ValueSource(strings = { "a/b", "a?b", "a%2fb", "a;b" })
	void namesTheIdThatNoUrlCanHold(String id, CapturedOutput output) {
		fails("oauth2.pkce.providers[" + id + "].client-id=app");
		assertThat(output).contains("oauth2.pkce.providers[" + id + "]", "letters");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
			"resource-uri=http://api.example.com/mcp | resource-uri | is plain http to another machine",
			"resource-uri=api.example.com/mcp | resource-uri | is not an absolute http or https URL",
			"resource-uri=https://api.example.com/mcp#top | resource-uri | has a fragment",
			"resource-uri=https://api.example.com/a/../mcp | resource-uri | must not have '.' or '..' in its path",
			"resource-uri=https://a.example/mcp resource=https://a.example | resource | finds that out itself",
			"resource-uri=https://a.example/mcp resource-metadata-uri=https://a.example | resource-metadata-uri | finds",
			"resource-uri=https://a.example/mcp token-uri=https://b.example/t | token-uri | finds that out itself",
			"resource-uri=https://a.example/mcp authorization-uri=https://b.example/a | authorization-uri | finds that",
			"resource-uri=https://a.example/mcp pkce=false | pkce | demands a proof key",
			"resource-uri=https://a.example/mcp client-secret=s3cret | client-secret | is set without a client-id",
			"resource-uri=https://a.example/mcp registration.enabled=false | client-id | may not register itself",
			"resource-uri=https://a.example/mcp authorization-grant-type=client_credentials | client-id | by hand",
			"resource-uri=https://a.example/mcp client-metadata-uri=http://a.example/c | client-metadata-uri | cannot be",
			"resource-uri=https://a.example/mcp client-metadata-uri=https://a.example/ | client-metadata-uri | cannot be",
			"resource-uri=https://a.example/mcp client-metadata-uri=https://a.example/b/../c | client-metadata-uri | can",
			"registration.enabled=true | issuer-uri | there is no server to register with" })
	void saysWhatCannotBeFoundOutByAResource(String properties, String key, String problem, CapturedOutput output) {
		fails(Stream.of(properties.split(" ")).map((property) -> PROVIDER + property).toArray(String[]::new));
		assertThat(output).contains("APPLICATION FAILED TO START", PROVIDER + key, problem).doesNotContain("s3cret");
	}

	@Test
	void endpointsOfSpringsShapeAreNoneBesideAResource(CapturedOutput output) {
		fails(PROVIDER + "resource-uri=https://a.example/mcp", PROVIDER + "client-id=app",
				SPRING + "authorization-grant-type=authorization_code",
				"spring.security.oauth2.client.provider.acme.token-uri=https://b.example/token");
		assertThat(output).contains("spring.security.oauth2.client.provider.acme.token-uri",
				"is set beside oauth2.pkce.providers.acme.resource-uri");
	}

	@Test
	void resourceUriIsEnough() {
		try (ConfigurableApplicationContext context = start(PROVIDER + "resource-uri=https://api.example.com/mcp")) {
			Provider provider = context.getBean(ConfiguredProviders.class).providers().get("acme");
			assertThat(provider.isOpen()).isTrue();
			assertThat(provider.registration().enabled()).isTrue();
			assertThat(context.getBean(ConfiguredProviders.class)
				.policies()
				.select(null, URI.create("https://api.example.com/mcp/tools"))).isNotNull();
		}
	}

	private static void fails(String... properties) {
		assertThatException().isThrownBy(() -> start(properties).close());
	}

	private static ConfigurableApplicationContext start(String... properties) {
		SpringApplication application = new SpringApplication(OnlyOurs.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		List<String> arguments = new ArrayList<>(List.of("--spring.main.banner-mode=off"));
		if (List.of(properties).stream().noneMatch((property) -> property.startsWith("oauth2.pkce.store.type"))) {
			arguments.add("--oauth2.pkce.store.type=memory");
		}
		List.of(properties).forEach((property) -> arguments.add("--" + property));
		return application.run(arguments.toArray(String[]::new));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ SslAutoConfiguration.class, PkceAutoConfiguration.class,
			PkceClientRegistrationAutoConfiguration.class })
	static class OnlyOurs {

	}

}
