package io.github.oauth2pkce.command;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.FileTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;

import static org.assertj.core.api.Assertions.assertThat;

/** What the commands do and say, over real HTTP and files, without a process each. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CommandsTests {

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("cli").requirePkce())
		.register(FakeClient.confidential("batch", "secret"));

	private final List<String> properties = new ArrayList<>();

	@TempDir
	private Path directory;

	@BeforeEach
	void configure() {
		this.server.device().approveAtOnce().interval(Duration.ofSeconds(1));
		this.properties.addAll(List.of("oauth2.pkce.providers.tools.issuer-uri=" + this.server.issuer(),
				"oauth2.pkce.providers.tools.client-id=cli", "oauth2.pkce.store.directory=" + this.directory));
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void statusHasALineForEachProvider() {
		addBatchAndUsers();
		assertThat(run("login", "tools").exitCode()).isZero();
		CommandRun status = run("status", null);
		assertThat(status.exitCode()).isZero();
		assertThat(status.out().lines()).satisfiesExactly(
				(line) -> assertThat(line)
					.matches("tools {2}AUTHORIZED {2}application {2}until 20\\S+Z, then refreshed {2}file"),
				(line) -> assertThat(line).matches("batch {2}AUTHORIZED {2}application {2}- +memory"),
				(line) -> assertThat(line).matches(
						"users {2}UNKNOWN +each user +- +file {3,}?Each user logs in for themselves, in the application"));
	}

	@Test
	void statusOfOneProviderIsAboutThatOne() {
		addBatchAndUsers();
		assertThat(run("status", "batch").exitCode()).isZero();
		assertThat(run("status", "tools").exitCode()).isEqualTo(1);
		assertThat(run("status", "batch").out().lines()).hasSize(1);
	}

	@Test
	void statusNamesWhoHasLoggedInAsTheIdTokenSaysWithoutControlCharacters() {
		this.server.tokens().answer().put("id_token", idToken("{\"preferred_username\":\"al\\u001b[31mice\\u202e\"}"));
		run("login", "tools");
		assertThat(run("status", "tools").out()).startsWith("tools  AUTHORIZED  al[31mice  until");
		assertThat(runJson("status", "tools").toJson().path("providers").path(0).path("user").asString())
			.isEqualTo("al[31mice");
	}

	/** RFC 7516: whoever has no key for it reads nothing in it. */
	@Test
	void statusNamesNobodyWhereTheIdTokenIsEncrypted() {
		String header = Base64.getUrlEncoder()
			.withoutPadding()
			.encodeToString("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}".getBytes(StandardCharsets.UTF_8));
		this.server.tokens().answer().put("id_token", header + ".a2V5.aXY.dGV4dA.dGFn");
		assertThat(run("login", "tools").exitCode()).isZero();
		assertThat(run("status", "tools").out()).startsWith("tools  AUTHORIZED  application  until");
	}

	@Test
	void jsonOfStatusIsThatOfTheEndpoint() {
		CommandRun status = runJson("status", null);
		assertThat(status.out().lines()).hasSize(1);
		JsonNode provider = status.toJson().path("providers").path(0);
		assertThat(provider.propertyNames()).contains("id", "state", "grant", "pkce", "hasRefreshToken", "remedy",
				"issuer", "clientId", "scopesRequested", "store", "principal");
		assertThat(status.toJson().path("exitCode").asInt(0)).isEqualTo(1);
	}

	@Test
	void loginWithoutAnIdIsForThoseWhoNeedOne() {
		addBatchAndUsers();
		CommandRun first = run("login", null);
		assertThat(first.exitCode()).as(first.err()).isZero();
		assertThat(first.out()).contains("Logged in to 'tools'.");
		int asked = this.server.requests(Endpoint.DEVICE_AUTHORIZATION).size();
		assertThat(run("login", null).exitCode()).isZero();
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(asked);
		run("login", "tools");
		assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).hasSize(asked + 1);
	}

	@ParameterizedTest
	@CsvSource({ "login, batch, 'Nobody has to log in to ''batch'': it uses client_credentials'",
			"login, users, 'The logins of ''users'' are those of its users'",
			"logout, batch, 'There is no login of ''batch'' to forget'",
			"logout, users, 'The logins of ''users'' are those of its users'",
			"refresh, users, 'The logins of ''users'' are those of its users'" })
	void whatIsNotPossibleIsMisuse(String command, String provider, String sentence) {
		addBatchAndUsers();
		CommandRun run = run(command, provider);
		assertThat(run.exitCode()).isEqualTo(2);
		assertThat(run.err()).startsWith(sentence);
		assertThat(run.out()).isEmpty();
		assertThat(runJson(command, provider).toJson().path("error").asString()).startsWith(sentence);
	}

	@Test
	void loginThatWouldEndWithTheCommandIsMisuse() {
		this.properties.add("oauth2.pkce.store.type=memory");
		CommandRun login = run("login", "tools");
		assertThat(login.exitCode()).isEqualTo(2);
		assertThat(login.err()).contains("logins are kept in memory: set oauth2.pkce.store.type to file");
		assertThat(this.server.requests()).isEmpty();
	}

	@Test
	void loginThatFailsBeforeThePromptSaysWhy() {
		this.server.stop();
		CommandRun login = run("login", "tools");
		assertThat(login.exitCode()).isEqualTo(1);
		assertThat(login.err()).contains("Not logged in to 'tools': No metadata of issuer");
	}

	@Test
	void logoutRevokesAndForgets() {
		run("login", "tools");
		CommandRun logout = run("logout", "tools");
		assertThat(logout.exitCode()).isZero();
		assertThat(logout.out()).isEqualTo("Logged out of 'tools'.\n");
		assertThat(this.server.requests(Endpoint.REVOCATION)).hasSize(1);
		assertThat(run("logout", "tools").out()).isEqualTo("Nobody is logged in to 'tools'.\n");
		assertThat(run("status", "tools").exitCode()).isEqualTo(1);
	}

	@Test
	void logoutThatTheServerDoesNotRevokeIsWrong() {
		run("login", "tools");
		this.server.answerAlways(Endpoint.REVOCATION, Answer.error(400, "invalid_request", "no\u001b[2Jthing"));
		CommandRun logout = runJson("logout", null);
		assertThat(logout.exitCode()).isEqualTo(1);
		JsonNode entry = logout.toJson().path("logouts").path(0);
		assertThat(entry.path("forgotten").asBoolean()).isTrue();
		assertThat(entry.path("revoked").asBoolean(true)).isFalse();
		assertThat(entry.path("message").asString()).contains("invalid_request").doesNotContain("\u001b");
	}

	@Test
	void logoutAtAServerThatRevokesNothingIsFine() {
		this.server.discovery().document().remove("revocation_endpoint");
		run("login", "tools");
		CommandRun logout = run("logout", "tools");
		assertThat(logout.exitCode()).isZero();
		assertThat(logout.out()).contains("it has no revocation endpoint");
	}

	@Test
	void loginOverAnInterruptedMoveSaysWhereTheOtherOneIs() {
		run("login", "tools");
		Path file = this.directory.resolve("tools.jwe");
		interruptedExport(file);
		CommandRun login = run("login", "tools");
		assertThat(login.exitCode()).isZero();
		assertThat(login.out()).contains("The login of 'tools' that was here before is not lost: its export was"
				+ " interrupted, so the login is in " + file);
	}

	/** The record that is in the place of the login then. */
	private void interruptedExport(Path file) {
		TokenStore store = new FileTokenStore(this.directory, null, List.of());
		CredentialId id = CredentialId.ofApplication("tools");
		Credential login = Objects.requireNonNull(store.load(id));
		Credential mark = new Credential(id,
				new Origin(login.origin().issuer(), "", "oauth2-pkce:exported:1234:" + login.origin().clientId()), "",
				null, Set.of(), Instant.EPOCH, Instant.EPOCH, null, null, null, null, file.toString(),
				login.generation() + 1);
		assertThat(store.save(mark, login.generation())).isTrue();
	}

	@Test
	void refreshRefreshesATokenThatStillWorks() {
		run("login", "tools");
		CommandRun refresh = runJson("refresh", "tools");
		assertThat(refresh.exitCode()).as(refresh.err()).isZero();
		assertThat(refresh.toJson().path("refreshes").path(0).path("outcome").asString()).isEqualTo("refreshed");
		assertThat(this.server.refreshesGranted()).isEqualTo(1);
	}

	@Test
	void refreshOfNobodySaysToLogIn() {
		CommandRun refresh = run("refresh", "tools");
		assertThat(refresh.exitCode()).isEqualTo(1);
		assertThat(refresh.out()).contains("Log in: run this application with --oauth2.pkce.command=login tools");
	}

	@Test
	void refreshThatTheServerRejectsIsTold() {
		run("login", "tools");
		this.server.endSessions();
		CommandRun refresh = run("refresh", "tools");
		assertThat(refresh.exitCode()).isEqualTo(1);
		assertThat(refresh.err()).isEqualTo("The token of 'tools' was not refreshed: invalid_grant\n");
		assertThat(refresh.out()).contains("Log in again");
	}

	@Test
	void noProviderIsMisuse() {
		this.properties.clear();
		CommandRun status = run("status", null);
		assertThat(status.exitCode()).isEqualTo(2);
		assertThat(status.err()).contains("There is no provider: configure one below oauth2.pkce.providers");
	}

	@Test
	void loginMovesByAPassphraseOfTheEnvironment() {
		run("login", "tools");
		this.properties.add("OAUTH2_PKCE_PASSPHRASE=correct horse battery staple");
		Path file = this.directory.resolve("tools.jwe");
		CommandRun export = transfer("export", "tools", file, null);
		assertThat(export.exitCode()).as(export.err()).isZero();
		assertThat(export.out()).startsWith("The login of 'tools' is in " + file + " now, and no longer here.\n");
		assertThat(run("status", "tools").exitCode()).isEqualTo(1);
		this.properties.add("oauth2.pkce.store.directory=" + this.directory.resolve("cluster"));
		CommandRun come = transfer("import", null, file, null);
		assertThat(come.exitCode()).as(come.err()).isZero();
		assertThat(come.out()).isEqualTo("The login of 'tools' is here now, and " + file + " is deleted.\n");
		assertThat(run("status", "tools").exitCode()).isZero();
		assertThat(this.server.issuedSecrets()).allSatisfy(
				(secret) -> assertThat(export.out() + export.err() + come.out() + come.err()).doesNotContain(secret));
	}

	@Test
	void passphraseIsNoPlaceholder() {
		run("login", "tools");
		this.properties.add("OAUTH2_PKCE_PASSPHRASE=a${nothing.of.that.name}b");
		CommandRun export = transfer("export", "tools", this.directory.resolve("tools.jwe"), null);
		assertThat(export.exitCode()).as(export.err()).isZero();
		assertThat(export.out() + export.err()).doesNotContain("nothing.of");
	}

	@Test
	void importPrintsAKeyAndExportSealsForIt() {
		run("login", "tools");
		String laptop = "oauth2.pkce.store.directory=" + this.directory;
		String cluster = "oauth2.pkce.store.directory=" + this.directory.resolve("cluster");
		this.properties.add(cluster);
		String recipient = run("import", "tools").out().strip();
		assertThat(recipient).matches("[A-Za-z0-9_-]{100,}");
		this.properties.add(laptop);
		Path file = this.directory.resolve("tools.jwe");
		assertThat(transfer("export", null, file, recipient).exitCode()).isZero();
		this.properties.add(cluster);
		assertThat(transfer("import", null, file, null).exitCode()).isZero();
		assertThat(run("refresh", "tools").exitCode()).isZero();
	}

	@ParameterizedTest
	@CsvSource({ "export, batch, x, 'There is no login of ''batch'' to move'",
			"export, users, x, 'The logins of ''users'' are those of its users'",
			"export, tools, , 'Say where to: --oauth2.pkce.command-file=tools.jwe'",
			"import, batch, , 'There is no login of ''batch'' to move'" })
	void whatCannotTravelIsMisuse(String command, String provider, @Nullable String file, String sentence) {
		addBatchAndUsers();
		CommandRun run = transfer(command, provider, (file != null) ? this.directory.resolve(file) : null, null);
		assertThat(run.exitCode()).isEqualTo(2);
		assertThat(run.err()).startsWith(sentence);
	}

	@Test
	void passphraseWithoutATerminalIsMisuse() {
		run("login", "tools");
		CommandRun export = transfer("export", "tools", this.directory.resolve("tools.jwe"), null);
		assertThat(export.exitCode()).isEqualTo(2);
		assertThat(export.err()).contains("There is no terminal to ask for a passphrase", "OAUTH2_PKCE_PASSPHRASE");
		assertThat(run("status", "tools").exitCode()).isZero();
	}

	@Test
	void whatIsRefusedOnItsWayIsToldWithCode1() {
		CommandRun export = transfer("export", "tools", this.directory.resolve("tools.jwe"), null);
		assertThat(export.exitCode()).isEqualTo(1);
		assertThat(export.err()).isEqualTo("There is no login of 'tools' here that works: log in first\n");
		CommandRun come = transfer("import", "tools", this.directory.resolve("none.jwe"), null);
		assertThat(come.exitCode()).isEqualTo(1);
		assertThat(come.err()).endsWith("none.jwe does not exist\n");
	}

	private CommandRun transfer(String command, @Nullable String provider, @Nullable Path file,
			@Nullable String recipient) {
		return CommandRun.of(
				new CommandLine(command, provider, false, (file != null) ? file.toString() : null, recipient),
				this.properties.toArray(String[]::new));
	}

	private void addBatchAndUsers() {
		this.properties.addAll(List.of("oauth2.pkce.providers.batch.issuer-uri=" + this.server.issuer(),
				"oauth2.pkce.providers.batch.client-id=batch", "oauth2.pkce.providers.batch.client-secret=secret",
				"oauth2.pkce.providers.batch.authorization-grant-type=client_credentials",
				"oauth2.pkce.providers.users.issuer-uri=" + this.server.issuer(),
				"oauth2.pkce.providers.users.client-id=cli", "oauth2.pkce.providers.users.principal=current-user"));
	}

	private static String idToken(String claims) {
		Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
		return base64.encodeToString("{\"alg\":\"RS256\"}".getBytes(StandardCharsets.UTF_8)) + "."
				+ base64.encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + ".c2ln";
	}

	private CommandRun run(String command, @Nullable String provider) {
		return CommandRun.of(CommandRun.text(command, provider), this.properties.toArray(String[]::new));
	}

	private CommandRun runJson(String command, @Nullable String provider) {
		return CommandRun.of(CommandRun.json(command, provider), this.properties.toArray(String[]::new));
	}

}
