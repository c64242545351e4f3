package io.github.oauth2pkce.command;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.ForwardingTokenStore;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.TestKeys;
import io.github.oauth2pkce.testing.TestLogins;
import io.github.oauth2pkce.token.AuthorizationServerClient;

import static org.assertj.core.api.Assertions.assertThat;

/** What {@code doctor} finds, and what it says to set. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DoctorCommandTests {

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("cli").requirePkce())
		.register(FakeClient.confidential("batch", "secret"));

	private final List<String> properties = new ArrayList<>();

	@TempDir
	private Path directory;

	@BeforeEach
	void configure() {
		this.server.device().approveAtOnce().interval(Duration.ofSeconds(1));
		set("issuer-uri", this.server.issuer());
		set("client-id", "cli");
		this.properties.add("oauth2.pkce.store.directory=" + this.directory);
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void everythingIsFineAfterALogin() {
		set("base-urls", "https://api.example.com");
		assertThat(CommandRun.of(CommandRun.text("login", "tools"), settings()).exitCode()).isZero();
		CommandRun doctor = doctor();
		assertThat(doctor.exitCode()).as(doctor.out()).isZero();
		assertThat(doctor.out().lines().map((line) -> line.replaceAll(" {2,}", " | "))).containsExactly(
				"store | store | ok | file, can be written", "tools | address | ok | 127.0.0.1 is 127.0.0.1",
				"tools | connection | ok | " + this.server.issuer() + " answers",
				"tools | tls | ok | none, on this machine",
				doctor.out()
					.lines()
					.filter((line) -> line.contains("clock"))
					.findFirst()
					.orElseThrow()
					.replaceAll(" {2,}", " | "),
				"tools | metadata | ok | of " + this.server.issuer(),
				"tools | endpoints | ok | device_authorization_endpoint, token_endpoint", "tools | pkce | ok | S256",
				"tools | grant | ok | device_code", "tools | client | ok | cli by none",
				"tools | base-urls | ok | https://api.example.com:443", "tools | login | ok | AUTHORIZED");
		assertThat(doctor.out()).containsPattern("clock +ok +that of the server, give or take \\d+ s");
	}

	@Test
	void sendsNothingButGetRequests() {
		doctor();
		assertThat(this.server.requests()).isNotEmpty()
			.allSatisfy((request) -> assertThat(request.method()).isEqualTo("GET"));
	}

	@Test
	void missingLoginIsAProblem() {
		CommandRun doctor = doctor();
		assertThat(doctor.exitCode()).isEqualTo(1);
		assertThat(doctor.out()).containsPattern(
				"login +problem +LOGIN_REQUIRED\\. Log in: run this application with --oauth2.pkce.command=login tools");
	}

	@Test
	void deadServerIsAProblemOfTheConnection() {
		this.server.stop();
		assertProblem("connection", "Connection refused",
				"Check host and port of oauth2.pkce.providers.tools.issuer-uri");
	}

	@Test
	void unknownHostIsAProblemOfTheAddress() {
		set("issuer-uri", "https://login.invalid");
		assertProblem("address", "unknown host", "Check oauth2.pkce.providers.tools.issuer-uri and the DNS");
	}

	@Test
	void otherIssuerIsAProblemOfTheMetadata() {
		this.server.discovery().issuer("https://other.example.com/\u001b[31m");
		CommandRun doctor = assertProblem("metadata", "is of issuer 'https://other.example.com/[31m'",
				"set oauth2.pkce.providers.tools.issuer-uri to that");
		assertThat(doctor.out()).doesNotContain("\u001b");
	}

	@Test
	void hostileMetadataIsPrintable() {
		this.server.discovery()
			.document()
			.put("code_challenge_methods_supported", List.of("pl\u001b]52;c;eA==\u0007ain\n"));
		this.server.discovery().document().put("grant_types_supported", List.of("x\r\u202ey".repeat(3000)));
		CommandRun doctor = doctor();
		assertThat(doctor.out().replace("\n", "")).matches("\\P{Cntrl}+").doesNotContain("\u202e");
		assertThat(doctor.out().lines()).allSatisfy((line) -> assertThat(line).hasSizeLessThan(1200));
	}

	@Test
	void serverWithoutS256IsAProblem() {
		this.server.discovery().codeChallengeMethods("plain");
		assertProblem("pkce", "the server knows plain, and not S256", "set oauth2.pkce.providers.tools.pkce=false");
	}

	@Test
	void grantThatTheServerDoesNotOfferIsAProblem() {
		this.server.discovery().grantTypes("authorization_code", "refresh_token");
		assertProblem("grant", "the server does not offer device_code, but authorization_code, refresh_token",
				"oauth2.pkce.providers.tools.authorization-grant-type");
	}

	@Test
	void endpointThatIsNotThereIsAProblem() {
		this.server.discovery().document().remove("device_authorization_endpoint");
		assertProblem("endpoints", "has no device_authorization_endpoint",
				"set oauth2.pkce.providers.tools.device-authorization-uri");
	}

	@ParameterizedTest
	@CsvSource({ "300, ahead of", "-300, behind" })
	void clockThatIsWrongIsAProblem(long seconds, String way) {
		AuthorizationServerClient client = TestLogins.client(Duration.ofSeconds(10));
		MovableClock clock = new MovableClock(Instant.now().plusSeconds(seconds));
		Report report = new Report();
		Checkup checkup = new Checkup(report);
		new ServerCheckup(client, new Discovery(client, clock), clock)
			.examine(Provider.withId("tools", "cli").issuerUri(this.server.issuer()).build(), checkup);
		checkup.print();
		assertThat(report.exitCode()).isEqualTo(1);
		assertThat(String.join("\n", report.lines())).containsPattern("clock +problem +this machine's clock is "
				+ "(29\\d|30\\d) s " + way + " the server's: .*Set the clock, by NTP");
	}

	@Test
	void certificateThatNobodyTrustsIsAProblemOfTls() throws Exception {
		HttpsServer https = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
		https.setHttpsConfigurator(new HttpsConfigurator(TestKeys.generate(this.directory, "server").context(null)));
		https.start();
		try {
			set("issuer-uri", "https://127.0.0.1:" + https.getAddress().getPort());
			assertProblem("tls", "PKIX path building failed", "set oauth2.pkce.providers.tools.ssl-bundle");
		}
		finally {
			https.stop(0);
		}
	}

	@Test
	void baseUrlThatTwoProvidersClaimIsAProblem() {
		set("base-urls", "https://api.example.com");
		this.properties.addAll(List.of("oauth2.pkce.providers.batch.issuer-uri=" + this.server.issuer(),
				"oauth2.pkce.providers.batch.client-id=batch", "oauth2.pkce.providers.batch.client-secret=secret",
				"oauth2.pkce.providers.batch.authorization-grant-type=client_credentials",
				"oauth2.pkce.providers.batch.base-urls=https://api.example.com"));
		assertProblem("base-urls", "https://api.example.com:443 is claimed by tools and batch",
				"Remove it from all oauth2.pkce.providers.tools.base-urls but one");
	}

	@Test
	void tokenOfAMachineIsRequestedToSeeWhetherThatWorks() {
		this.properties.removeIf((property) -> property.contains(".tools."));
		set("issuer-uri", this.server.issuer());
		set("client-id", "batch");
		set("authorization-grant-type", "client_credentials");
		set("client-secret", "secret");
		assertThat(doctor().out()).containsPattern("token +ok +the server issues one by client_credentials");
		assertThat(this.server.requests(Endpoint.TOKEN)).isNotEmpty();
		set("client-secret", "wr0ng-secret");
		CommandRun doctor = assertProblem("token", "unauthorized_client", "oauth2.pkce.providers.tools.client-id");
		assertThat(doctor.out()).doesNotContain("wr0ng-secret");
	}

	@Test
	void storeThatCannotBeWrittenIsAProblem() {
		CommandRun doctor = CommandRun.of(CommandRun.text("doctor", null),
				(runner) -> runner.withBean(TokenStore.class, () -> new ForwardingTokenStore(new MemoryTokenStore()) {

					@Override
					public void checkWritable() {
						throw new TokenStoreException("The disk is \u001b[5mfull", null);
					}

				}), settings());
		assertThat(doctor.exitCode()).isEqualTo(1);
		assertThat(doctor.out())
			.containsPattern("store +store +problem +\\S+: The disk is \\[5mfull. Make it writable");
	}

	@Test
	void jsonHasEachCheck() {
		JsonNode checks = CommandRun.of(CommandRun.json("doctor", "tools"), settings()).toJson().path("checks");
		assertThat(checks.size()).isGreaterThan(8);
		assertThat(checks).allSatisfy((check) -> {
			assertThat(check.path("result").asString()).isIn("ok", "problem");
			assertThat(check.path("subject").asString()).isIn("store", "tools");
			assertThat(check.path("message").asString()).isNotEmpty();
		});
	}

	private CommandRun assertProblem(String check, String text, String remedy) {
		CommandRun doctor = doctor();
		assertThat(doctor.exitCode()).isEqualTo(1);
		assertThat(doctor.out().lines().filter((line) -> line.matches("\\S+ +" + check + " +problem .*"))).isNotEmpty()
			.first()
			.satisfies((line) -> assertThat(line).contains(text, remedy));
		return doctor;
	}

	private CommandRun doctor() {
		return CommandRun.of(CommandRun.text("doctor", null), (runner) -> runner, settings());
	}

	private void set(String key, String value) {
		this.properties.removeIf((property) -> property.startsWith("oauth2.pkce.providers.tools." + key + "="));
		this.properties.add("oauth2.pkce.providers.tools." + key + "=" + value);
	}

	private String[] settings() {
		return this.properties.toArray(String[]::new);
	}

}
