package io.github.oauth2pkce.login;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

import ch.qos.logback.classic.Level;
import com.nimbusds.jose.JWEObject;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.RegisteredClient;
import io.github.oauth2pkce.login.LoginTransfers.Arrival;
import io.github.oauth2pkce.login.LoginTransfers.Step;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.FakeResource;
import io.github.oauth2pkce.testing.KeyPairs;
import io.github.oauth2pkce.testing.LogCapture;
import io.github.oauth2pkce.testing.Waiting;

import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Logins on their way from one machine to another, whose stores are directories, and what
 * is there when the process ends at any step.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LoginTransfersTests {

	private static final Seal SEAL = TransferProcess.SEAL;

	private static final CredentialId ID = CredentialId.ofApplication("tools");

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.register(FakeClient.publicClient("cli").requirePkce())
		.register(FakeClient.publicClient("other"));

	private final FakeResource resource = this.server.protectedResource("/mcp");

	@TempDir
	private Path directory;

	private Path file = Path.of("");

	@BeforeEach
	void logIn() {
		this.server.device().approveAtOnce().interval(Duration.ofSeconds(1));
		this.file = this.directory.resolve("tools.jwe");
		on("laptop", null, (context, transfers) -> {
			context.getBean(Logins.class).logIn("tools");
			return true;
		});
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void loginMovesAndGoesOnThere() {
		export();
		assertThat(isUsable("laptop")).isFalse();
		assertThat(this.server.requests(Endpoint.REVOCATION)).as("the server hears nothing").isEmpty();
		importOn("cluster");
		assertThat(this.file).doesNotExist();
		assertThat(isUsable("cluster")).isTrue();
		assertThat(refresh("cluster")).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(files()).as("nothing is left beside it").isEmpty();
	}

	@Test
	void fileIsASealedJweThatOnlyItsOwnerReads() throws Exception {
		on("laptop", null, (context, transfers) -> transfers.export(provider(context), this.file,
				() -> Seal.byPassphrase("correct horse battery staple")));
		String text = Files.readString(this.file);
		JWEObject jwe = JWEObject.parse(text);
		assertThat(jwe.getHeader().getAlgorithm().getName()).isEqualTo("PBES2-HS512+A256KW");
		assertThat(jwe.getHeader().getEncryptionMethod().getName()).isEqualTo("A256GCM");
		assertThat(jwe.getHeader().getPBES2Count()).isGreaterThanOrEqualTo(600_000);
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(this.file))).isEqualTo("rw-------");
		assertThat(this.server.issuedSecrets()).isNotEmpty()
			.allSatisfy((secret) -> assertThat(text).doesNotContain(secret));
	}

	@ParameterizedTest
	@EnumSource(names = { "FILE_WRITTEN", "EXPORT_MARKED", "FILE_NAMED" })
	void exportThatIsKilledIsInOnePlaceAndIsFinishedByTheNext(Step step) {
		killed("laptop", step, (context, transfers) -> transfers.export(provider(context), this.file, () -> SEAL));
		assertThat(places("cluster")).isLessThanOrEqualTo(1);
		assertThat(isUsable("laptop")).isEqualTo(step == Step.FILE_WRITTEN);
		export();
		assertThat(places("cluster")).isEqualTo(1);
		importOn("cluster");
		assertThat(refresh("cluster")).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(isUsable("laptop")).isFalse();
	}

	@Test
	void fileOfAnExportThatIsNotFinishedIsNoLogin() {
		killed("laptop", Step.FILE_WRITTEN,
				(context, transfers) -> transfers.export(provider(context), this.file, () -> SEAL));
		Path part = files().get(0);
		assertThat(part.getFileName().toString()).endsWith(".part");
		assertRefused("cluster", part, "is no login yet");
	}

	@Test
	void exportIsFinishedWhereItBeganWhateverFileIsAskedFor() {
		killed("laptop", Step.EXPORT_MARKED,
				(context, transfers) -> transfers.export(provider(context), this.file, () -> SEAL));
		Path moved = on("laptop", null,
				(context, transfers) -> transfers.export(provider(context), this.directory.resolve("elsewhere"), () -> {
					throw new AssertionError("Nothing is left to seal");
				}));
		assertThat(moved).isEqualTo(this.file).exists();
	}

	@Test
	void exportWhoseFileIsOutOfSightIsNotFinished() throws IOException {
		killed("laptop", Step.EXPORT_MARKED,
				(context, transfers) -> transfers.export(provider(context), this.file, () -> SEAL));
		Path part = files().get(0);
		Path hidden = Files.move(part, this.directory.resolve("hidden"));
		for (int attempt = 0; attempt < 2; attempt++) {
			assertThatExceptionOfType(TransferException.class).isThrownBy(this::export)
				.withMessageContaining("run the command where it was begun")
				.withMessageContaining(part.toString());
		}
		Files.move(hidden, part);
		export();
		importOn("cluster");
		assertThat(refresh("cluster")).isEqualTo(RefreshOutcome.REFRESHED);
	}

	@Test
	void loginAfterAnInterruptedExportIsAnotherOneAndSaysWhereTheFirstIs() {
		killed("laptop", Step.EXPORT_MARKED,
				(context, transfers) -> transfers.export(provider(context), this.file, () -> SEAL));
		Path part = files().get(0);
		try (LogCapture log = LogCapture.of(Logins.class, Level.WARN)) {
			log.attach();
			logIn();
			assertThat(log.events()).anySatisfy((event) -> assertThat(event.getFormattedMessage())
				.contains("is in " + this.file + ", or in " + part + ", which must get that name"));
		}
		assertThat(isUsable("laptop")).isTrue();
		assertThat(refresh("laptop")).isEqualTo(RefreshOutcome.REFRESHED);
		export();
		importOn("cluster");
		assertThat(refresh("cluster")).isEqualTo(RefreshOutcome.REFRESHED);
	}

	@ParameterizedTest
	@EnumSource(names = { "IMPORT_MARKED", "FILE_CLAIMED", "LOGIN_SAVED", "FILE_DELETED" })
	void importThatIsKilledIsInOnePlaceAndIsFinishedByTheNext(Step step) {
		export();
		killed("cluster", step, this::importOf);
		assertThat(places("cluster")).isLessThanOrEqualTo(1);
		if (step == Step.FILE_CLAIMED || step == Step.LOGIN_SAVED) {
			assertRefused("third", this.file, "has begun in another store");
		}
		if (step != Step.FILE_DELETED) {
			importOn("cluster");
		}
		assertThat(places("cluster")).isEqualTo(1);
		assertThat(isUsable("cluster")).isTrue();
		assertThat(refresh("cluster")).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(files()).isEmpty();
	}

	/**
	 * Real processes, which end as by {@code kill -9}: nothing of theirs runs any more.
	 */
	@ParameterizedTest
	@CsvSource({ "FILE_WRITTEN, FILE_CLAIMED", "EXPORT_MARKED, LOGIN_SAVED", "FILE_NAMED, IMPORT_MARKED" })
	void realProcessesThatAreKilledLoseAndDoubleNothing(Step exporting, Step importing) throws Exception {
		killed("laptop", exporting, "export");
		assertThat(places("cluster")).isLessThanOrEqualTo(1);
		export();
		killed("cluster", importing, "import");
		assertThat(places("cluster")).isLessThanOrEqualTo(1);
		importOn("cluster");
		assertThat(places("cluster")).isEqualTo(1);
		assertThat(refresh("cluster")).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(isUsable("laptop")).isFalse();
	}

	@Test
	void importThatIsKilledBeforeItHasTheFileTakesNothingFromOthers() {
		export();
		killed("cluster", Step.IMPORT_MARKED, this::importOf);
		importOn("third");
		assertThat(isUsable("third")).isTrue();
		assertThat(isUsable("cluster")).isFalse();
	}

	@Test
	void importThatComesSecondToTheFileTakesNoLogin() {
		export();
		assertThatExceptionOfType(TransferException.class)
			.isThrownBy(() -> on("cluster", null, (context, transfers) -> {
				Arrival arrival = transfers.arrival(this.file);
				killed("third", Step.FILE_CLAIMED, this::importOf);
				return transfers.importFrom(arrival, SEAL, (id) -> provider(context));
			}))
			.withMessageContaining("Another import has taken");
		assertThat(isUsable("cluster")).isFalse();
		assertRefused("cluster", this.file, "has begun in another store");
		importOn("third");
		assertThat(refresh("third")).isEqualTo(RefreshOutcome.REFRESHED);
	}

	@Test
	void anotherFileDoesNotReplaceAnInterruptedImport() throws IOException {
		export();
		killed("cluster", Step.FILE_CLAIMED, this::importOf);
		Path claimed = files().get(0);
		logIn();
		export();
		assertRefused("cluster", this.file, "was interrupted here, and only this store can finish it");
		assertRefused("third", claimed, "has begun in another store");
		importOn("third");
		assertThat(refresh("third")).isEqualTo(RefreshOutcome.REFRESHED);
		importOn("cluster");
		assertThat(refresh("cluster")).isEqualTo(RefreshOutcome.REFRESHED);
	}

	@Test
	void importsIntoTwoStoresThatWereInterruptedGoOnByTheNamesOfTheirFiles() {
		export();
		killed("cluster", Step.FILE_CLAIMED, this::importOf);
		Path first = files().get(0);
		logIn();
		export();
		killed("third", Step.FILE_CLAIMED, this::importOf);
		assertRefused("cluster", this.file, "More than one import of " + this.file + " was interrupted");
		Path second = files().stream().filter((file) -> !file.equals(first)).findFirst().orElseThrow();
		assertRefused("cluster", second, "was interrupted here, and only this store can finish it");
		this.file = first;
		importOn("cluster");
		assertThat(refresh("cluster")).isEqualTo(RefreshOutcome.REFRESHED);
		this.file = second;
		importOn("third");
		assertThat(refresh("third")).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(files()).isEmpty();
	}

	@Test
	void importDoesNotReplaceTheMarkOfAnInterruptedExport() {
		export();
		logIn();
		Path first = this.file;
		this.file = this.directory.resolve("second.jwe");
		killed("laptop", Step.EXPORT_MARKED,
				(context, transfers) -> transfers.export(provider(context), this.file, () -> SEAL));
		assertRefused("laptop", first, "Another export of 'tools' was interrupted here");
		export();
		importOn("cluster");
		this.file = first;
		importOn("laptop");
		assertThat(refresh("cluster")).isEqualTo(RefreshOutcome.REFRESHED);
		assertThat(refresh("laptop")).isEqualTo(RefreshOutcome.REFRESHED);
	}

	@Test
	void importDeletesTheInterruptedImportOfNobodyElse() {
		export();
		Path claimed = new LoginFile(this.file).claimed(new LoginFile(this.file).read()).path();
		assertThatExceptionOfType(TransferException.class)
			.isThrownBy(() -> on("cluster", null, (context, transfers) -> {
				Arrival arrival = transfers.arrival(this.file);
				write(claimed, "precious");
				return transfers.importFrom(arrival, SEAL, (id) -> provider(context));
			}))
			.withMessageContaining("Another import has taken");
		assertThat(claimed).hasContent("precious");
		assertThat(this.file).exists();
	}

	@Test
	void secondImportIsRefused() throws IOException {
		export();
		byte[] copy = Files.readAllBytes(this.file);
		importOn("cluster");
		Files.write(this.file, copy);
		assertRefused("cluster", this.file, "is here already");
		refresh("cluster");
		assertRefused("cluster", this.file, "is here already");
		on("cluster", null, (context, transfers) -> context.getBean(Logout.class).forget(ID));
		assertRefused("cluster", this.file, "was imported here before");
	}

	@Test
	void importDoesNotReplaceALogin() {
		export();
		logIn();
		assertRefused("laptop", this.file, "Somebody is logged in to 'tools' here: log out first");
		assertThat(this.file).exists();
	}

	@Test
	void exportCanBeTakenBack() {
		export();
		importOn("laptop");
		assertThat(refresh("laptop")).isEqualTo(RefreshOutcome.REFRESHED);
	}

	@Test
	void otherPassphraseAndChangedFilesAreRefused() throws IOException {
		export();
		String text = Files.readString(this.file);
		assertThatExceptionOfType(TransferException.class)
			.isThrownBy(() -> on("cluster", null,
					(context, transfers) -> transfers.importFrom(transfers.arrival(this.file),
							Seal.byPassphrase("another", 1000), (id) -> provider(context))))
			.withMessageContaining("the passphrase is another one, or the file was changed");
		int middle = text.length() / 2;
		Files.writeString(this.file,
				text.substring(0, middle) + ((text.charAt(middle) == 'A') ? 'B' : 'A') + text.substring(middle + 1));
		assertRefused("cluster", this.file, "or the file was changed");
		Files.writeString(this.file, text.substring(0, middle));
		assertRefused("cluster", this.file, "is no sealed login");
		Files.writeString(this.file, "");
		assertRefused("cluster", this.file, "is no sealed login");
		assertThat(isUsable("cluster")).isFalse();
	}

	@ParameterizedTest
	@CsvSource({ "client-id, other, was issued to the client cli",
			"issuer-uri, https://login.example.com, is of the issuer",
			"token-uri, https://login.example.com/token, was made at the token endpoint",
			"dpop, true, is bound to no key" })
	void loginOfAnotherServerOrClientIsRefused(String key, String value, String sentence) {
		export();
		assertThatExceptionOfType(TransferException.class)
			.isThrownBy(() -> on("cluster", null, this::importOf, "oauth2.pkce.providers.tools." + key + "=" + value))
			.withMessageContaining(sentence);
		assertThat(this.file).exists();
	}

	@Test
	void registeredClientTravelsAsItIsNow() throws IOException {
		KeyPair newKey = KeyPairs.generate("P-256");
		this.server.discovery().authenticationMethods("none", "private_key_jwt");
		this.server.registration().open().manage(true);
		logInByResource(key(KeyPairs.generate("P-256")));
		assertThat(refreshByResource("laptop", key(newKey))).isEqualTo(RefreshOutcome.REFRESHED);
		byResource("laptop", null, (context, transfers) -> transfers.export(provider(context), this.file, () -> SEAL),
				key(newKey));
		RegisteredClient client = Parcel.parse(SEAL.open(Files.readString(this.file))).login().origin().client();
		assertThat(client).isNotNull();
		assertThat(Objects.requireNonNull(client).keys()).contains(KeyPairs.registered(newKey).getKeyID());
	}

	@ParameterizedTest
	@EnumSource(names = { "EXPORT_MARKED", "FILE_NAMED" })
	void nextLoginAfterAnInterruptedExportLeavesTheClientThatWentAway(Step step) {
		this.server.registration().open().manage(true);
		logInByResource();
		BiFunction<ApplicationContext, LoginTransfers, Path> export = (context, transfers) -> transfers
			.export(provider(context), this.file, () -> SEAL);
		assertThatExceptionOfType(Killed.class).isThrownBy(() -> byResource("laptop", step, export));
		byResource("laptop", null, export);
		logInByResource();
		byResource("laptop", null, (context, transfers) -> context.getBean(Logout.class).forget(ID));
		byResource("cluster", null, this::importOf);
		assertThat(refreshByResource("cluster")).isEqualTo(RefreshOutcome.REFRESHED);
	}

	@Test
	void logoutAfterAnInterruptedExportSaysWhereTheLoginIs() throws IOException {
		killed("laptop", Step.EXPORT_MARKED,
				(context, transfers) -> transfers.export(provider(context), this.file, () -> SEAL));
		Path part = files().get(0);
		assertThat(notRevoked("laptop")).contains("is in " + this.file + ", or in " + part);
		Files.move(part, this.file);
		importOn("laptop");
		assertThat(notRevoked("laptop")).isNull();
	}

	@Test
	void logoutAfterAnInterruptedImportSaysWhereTheLoginIs() throws IOException {
		export();
		killed("cluster", Step.FILE_CLAIMED, this::importOf);
		Path claimed = files().get(0);
		assertThat(notRevoked("cluster")).contains("is in " + this.file + ", or in " + claimed);
		Files.move(claimed, this.file);
		importOn("cluster");
		assertThat(notRevoked("cluster")).isNull();
	}

	@Test
	void loginOfAServerThatTheResourceDoesNotNameIsRefused() {
		this.server.registration().open();
		logInByResource();
		Credential login = Objects.requireNonNull(
				byResource("laptop", null, (context, transfers) -> context.getBean(TokenStore.class).load(ID)));
		for (String issuer : new String[] { "https://login.example.org", null }) {
			Origin origin = new Origin(issuer, "https://login.example.org/token", "by-hand", login.origin().resource(),
					null, null, null);
			Credential forged = new Credential(ID, origin, "access", "refresh", login.scopes(), login.issuedAt(),
					login.expiresAt(), null, null, null, login.loggedInAt(), login.generation());
			Path path = this.directory.resolve((issuer != null) ? "forged" : "forged-without-issuer");
			new LoginFile(path).write(SEAL.seal(new Parcel("x", forged).toJson()));
			assertThatExceptionOfType(TransferException.class)
				.isThrownBy(() -> byResource("cluster", null,
						(context, transfers) -> transfers.importFrom(transfers.arrival(path), SEAL,
								(id) -> provider(context)),
						"oauth2.pkce.providers.tools.client-id=by-hand",
						"oauth2.pkce.providers.tools.client-secret=typed-in"))
				.withMessageContaining("does not trust");
		}
	}

	@Test
	void loginIsNotTakenWhileItsResourceCannotBeAsked() {
		this.server.registration().open();
		logInByResource();
		byResource("laptop", null, (context, transfers) -> transfers.export(provider(context), this.file, () -> SEAL));
		this.resource.metadataAt();
		assertThatExceptionOfType(TransferException.class).isThrownBy(() -> byResource("cluster", null, this::importOf))
			.withMessageContaining("It cannot be found out whether the resource " + this.resource.uri());
		this.resource.metadataAt(this.resource.pathForm());
		byResource("cluster", null, this::importOf);
		assertThat(refreshByResource("cluster")).isEqualTo(RefreshOutcome.REFRESHED);
	}

	@Test
	void loginThatHasEndedIsRefused() {
		this.server.tokens().refreshTokenLifetime(Duration.ofSeconds(-1));
		on("laptop", null, (context, transfers) -> {
			context.getBean(Logins.class).logIn("tools");
			return true;
		});
		this.server.tokens().refreshTokenLifetime(null);
		Credential login = Objects
			.requireNonNull(on("laptop", null, (context, transfers) -> context.getBean(TokenStore.class).load(ID)));
		Credential ended = new Credential(ID, login.origin(), "", null, login.scopes(), login.issuedAt(),
				login.issuedAt(), null, null, null, login.loggedInAt(), login.generation());
		new LoginFile(this.file).write(SEAL.seal(new Parcel("x", ended).toJson()));
		assertRefused("cluster", this.file, "has ended");
	}

	@Test
	void nothingToExportIsASentence() {
		on("laptop", null, (context, transfers) -> context.getBean(Logout.class).forget(ID));
		assertThatExceptionOfType(TransferException.class).isThrownBy(this::export)
			.withMessage("There is no login of 'tools' here that works: log in first");
	}

	@Test
	void fileThatIsThereIsNotReplaced() throws IOException {
		Files.writeString(this.file, "precious");
		assertThatExceptionOfType(TransferException.class).isThrownBy(this::export)
			.withMessageContaining("is there already");
		assertThat(this.file).hasContent("precious");
		assertThat(isUsable("laptop")).isTrue();
	}

	@Test
	void recipientsKeyOpensOnceAndNowhereElse() throws IOException {
		String recipient = on("cluster", null, (context, transfers) -> transfers.recipient(provider(context)));
		assertThat(recipient).matches("[A-Za-z0-9_-]+")
			.isEqualTo(on("cluster", null, (context, transfers) -> transfers.recipient(provider(context))));
		on("laptop", null, (context, transfers) -> transfers.export(provider(context), this.file,
				() -> Seal.forRecipient(recipient)));
		byte[] copy = Files.readAllBytes(this.file);
		assertThatExceptionOfType(TransferException.class).isThrownBy(() -> importByKey("third"))
			.withMessageContaining("a key that this store does not have");
		importByKey("cluster");
		assertThat(refresh("cluster")).isEqualTo(RefreshOutcome.REFRESHED);
		Files.write(this.file, copy);
		assertThatExceptionOfType(TransferException.class).isThrownBy(() -> importByKey("cluster"))
			.withMessageContaining("imported already");
	}

	@ParameterizedTest
	@CsvSource({ "x", "e30", "'{\"kty\":\"oct\",\"k\":\"AA\"}'" })
	void otherThingsAreNoRecipients(String recipient) {
		assertThatExceptionOfType(TransferException.class).isThrownBy(() -> Seal.forRecipient(recipient))
			.withMessageContaining("oauth2.pkce.command-recipient is not the public key");
	}

	@Test
	void directoryThatMayOnlyBeReadKeepsTheFile() throws IOException {
		export();
		Path secrets = Files.createDirectory(this.directory.resolve("secrets"));
		Path mounted = Files.move(this.file, secrets.resolve("tools.jwe"));
		Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("r-x------"));
		org.junit.jupiter.api.Assumptions.assumeFalse(Files.isWritable(secrets), "root may write everywhere");
		this.file = mounted;
		assertThat(importOn("cluster").consumed()).isFalse();
		assertThat(isUsable("cluster")).isTrue();
		assertRefused("cluster", this.file, "is here already");
	}

	private Path export() {
		return on("laptop", null, (context, transfers) -> transfers.export(provider(context), this.file, () -> SEAL));
	}

	private LoginTransfers.Imported importOn(String machine) {
		return on(machine, null, this::importOf);
	}

	private LoginTransfers.Imported importOf(ApplicationContext context, LoginTransfers transfers) {
		return transfers.importFrom(transfers.arrival(this.file), SEAL, (id) -> provider(context));
	}

	private LoginTransfers.Imported importByKey(String machine) {
		return on(machine, null, (context, transfers) -> {
			Arrival arrival = transfers.arrival(this.file);
			assertThat(arrival.needsPassphrase()).isFalse();
			return transfers.importFrom(arrival, transfers.recipientSeal(provider(context)), (id) -> provider(context));
		});
	}

	private void assertRefused(String machine, Path file, String sentence) {
		assertThatExceptionOfType(TransferException.class)
			.isThrownBy(() -> on(machine, null,
					(context, transfers) -> transfers.importFrom(transfers.arrival(file), SEAL,
							(id) -> provider(context))))
			.withMessageContaining(sentence);
	}

	/** Where the login can be used, or taken from. */
	private int places(String target) {
		return (isUsable("laptop") ? 1 : 0) + (Files.exists(this.file) ? 1 : 0) + (isUsable(target) ? 1 : 0);
	}

	/** Beside the stores. */
	private List<Path> files() {
		try (var files = Files.list(this.directory)) {
			return files.filter(Files::isRegularFile).toList();
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	private static void write(Path path, String text) {
		try {
			Files.writeString(path, text);
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	private @Nullable String notRevoked(String machine) {
		return on(machine, null, (context, transfers) -> context.getBean(Logout.class).logOut(ID).problem());
	}

	private boolean isUsable(String machine) {
		return on(machine, null,
				(context, transfers) -> context.getBean(Credentials.class).load(ID)) == AuthorizationState.AUTHORIZED;
	}

	private @Nullable RefreshOutcome refresh(String machine) {
		return on(machine, null, (context, transfers) -> refreshed(context));
	}

	private static @Nullable RefreshOutcome refreshed(ApplicationContext context) {
		Credentials credentials = context.getBean(Credentials.class);
		Waiting.await(credentials.current(ID, RefreshTrigger.MANUAL));
		return credentials.status(ID).lastOutcome();
	}

	private @Nullable RefreshOutcome refreshByResource(String machine, String... properties) {
		return byResource(machine, null, (context, transfers) -> refreshed(context), properties);
	}

	private void logInByResource(String... properties) {
		byResource("laptop", null, (context, transfers) -> {
			context.getBean(Logins.class).logIn("tools");
			return true;
		}, properties);
	}

	private static String key(KeyPair key) {
		return "oauth2.pkce.providers.tools.client-assertion.key=" + KeyPairs.pkcs8(key);
	}

	private void killed(String machine, Step step, BiFunction<ApplicationContext, LoginTransfers, ?> work) {
		assertThatExceptionOfType(Killed.class).isThrownBy(() -> on(machine, step, work));
	}

	private void killed(String machine, Step step, String command) throws Exception {
		try (TransferProcess.Handle process = new TransferProcess.Handle(this.server.issuer(), "cli",
				this.directory.resolve(machine).toUri().toString())) {
			assertThat(process.receive()).isEqualTo("ready");
			assertThat(process.ask("halt " + step)).isEqualTo("ok");
			assertThat(process.ask(command + " " + this.file)).isEqualTo("halted");
			process.kill();
		}
	}

	private static Provider provider(ApplicationContext context) {
		return context.getBean(Providers.class).get("tools");
	}

	/** A process on a machine, which ends after a step. */
	private <T extends @Nullable Object> T on(String machine, @Nullable Step end,
			BiFunction<ApplicationContext, LoginTransfers, T> work, String... properties) {
		return run(List.of(TransferProcess.properties(this.server.issuer(), this.directory.resolve(machine))), end,
				work, properties);
	}

	/** The same, where only the resource is configured. */
	private <T extends @Nullable Object> T byResource(String machine, @Nullable Step end,
			BiFunction<ApplicationContext, LoginTransfers, T> work, String... properties) {
		return run(
				List.of("oauth2.pkce.providers.tools.resource-uri=" + this.resource.uri(),
						"oauth2.pkce.login.on-startup=never", "oauth2.pkce.startup.refresh=false",
						"oauth2.pkce.store.directory=" + this.directory.resolve(machine + "-by-resource")),
				end, work, properties);
	}

	private static <T extends @Nullable Object> T run(List<String> machine, @Nullable Step end,
			BiFunction<ApplicationContext, LoginTransfers, T> work, String... properties) {
		List<String> all = new ArrayList<>(machine);
		all.addAll(Arrays.asList(properties));
		return TransferProcess.run(all, (step) -> {
			if (step == end) {
				throw new Killed();
			}
		}, work);
	}

	private static final class Killed extends Error {

		private static final long serialVersionUID = 1L;

	}

}
