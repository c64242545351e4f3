package io.github.oauth2pkce.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.testing.TestCredentials;
import io.github.oauth2pkce.testing.store.TokenStoreContractTests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Timeout(90)
class FileTokenStoreTests extends TokenStoreContractTests {

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	private static final CredentialId OTHER = CredentialId.ofApplication("other");

	@TempDir
	private Path temporary;

	private @Nullable FileTokenStore store;

	@Override
	protected FileTokenStore store() {
		if (this.store == null) {
			this.store = open();
		}
		return this.store;
	}

	@Override
	protected TokenStore storeOfAnotherProcess() {
		return open();
	}

	private FileTokenStore open() {
		return new FileTokenStore(directory(), null, List.of());
	}

	private Path directory() {
		return this.temporary.resolve("state/app");
	}

	// Files.

	@Test
	void onlyTheOwnerCanReadAnything() throws IOException {
		saved(ID);
		try (TokenStore.Lock lock = store().lock(ID, Duration.ofSeconds(5))) {
			assertThat(mode(directory())).isEqualTo("rwx------");
			assertThat(files()).hasSizeGreaterThanOrEqualTo(4)
				.allSatisfy((file) -> assertThat(mode(file)).isEqualTo("rw-------"));
		}
	}

	@Test
	void directoryThatWasOpenToOthersIsClosed() throws IOException {
		Files.createDirectories(directory());
		Files.setPosixFilePermissions(directory(), PosixFilePermissions.fromString("rwxrwxrwx"));
		store();
		assertThat(mode(directory())).isEqualTo("rwx------");
	}

	@Test
	void leavesNoTemporaryFilesBehind() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(25);
		try {
			List<Future<?>> running = new ArrayList<>();
			for (int i = 0; i < 25; i++) {
				CredentialId id = new CredentialId("demo", "user" + i % 5);
				running.add(threads.submit(() -> {
					Credential stored = store().load(id);
					long generation = (stored != null) ? stored.generation() : Credential.NONE;
					store().save(TestCredentials.credential().id(id).generation(generation + 1).build(), generation);
					store().checkWritable();
				}));
			}
			for (Future<?> future : running) {
				future.get(30, TimeUnit.SECONDS);
			}
		}
		finally {
			threads.shutdownNow();
		}
		assertThat(files()).extracting((file) -> file.getFileName().toString())
			.noneMatch((name) -> name.contains(".tmp") || name.contains("probe"))
			.filteredOn((name) -> name.endsWith(".credential"))
			.hasSize(5);
	}

	@Test
	void nothingSecretIsInPlainText() throws IOException {
		saved(ID);
		store().save(TestCredentials.credential().generation(2).build().rejected("invalid_grant", TestCredentials.NOW),
				1);
		for (Path file : files()) {
			String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
			assertThat(content + file).doesNotContain(TestCredentials.ACCESS_TOKEN, TestCredentials.REFRESH_TOKEN,
					"accessToken");
		}
		CredentialId alice = new CredentialId("demo", "alice@example.org");
		saved(alice);
		assertThat(files()).noneMatch((file) -> file.toString().contains("alice"));
	}

	// Keys.

	@Test
	void generatedKeyIsSharedByAllWhoOpenTheDirectoryAtOnce() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(8);
		try {
			List<Future<FileTokenStore>> opening = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				opening.add(threads.submit(this::open));
			}
			opening.get(0).get().save(TestCredentials.credential().build(), Credential.NONE);
			for (Future<FileTokenStore> store : opening) {
				assertThat(store.get().load(ID)).isNotNull();
			}
		}
		finally {
			threads.shutdownNow();
		}
		assertThat(mode(directory().resolve("encryption.key"))).isEqualTo("rw-------");
	}

	@Test
	void previousKeyStillOpensAndTheNextWriteUsesTheNewOne() {
		byte[] old = CredentialCipher.generateKey();
		byte[] current = CredentialCipher.generateKey();
		new FileTokenStore(directory(), old, List.of()).save(TestCredentials.credential().build(), Credential.NONE);
		FileTokenStore rotated = new FileTokenStore(directory(), current, List.of(old));
		assertThat(rotated.load(ID)).isNotNull();
		assertThat(rotated.save(TestCredentials.credential().generation(2).build(), 1)).isTrue();
		assertThat(new FileTokenStore(directory(), current, List.of()).load(ID)).isNotNull();
	}

	@Test
	void recordOfALostKeyIsUnknownUntilTheKeyComesBack() {
		byte[] lost = CredentialCipher.generateKey();
		Credential credential = TestCredentials.credential().build();
		new FileTokenStore(directory(), lost, List.of()).save(credential, Credential.NONE);
		FileTokenStore without = new FileTokenStore(directory(), CredentialCipher.generateKey(), List.of());
		for (int i = 0; i < 3; i++) {
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> without.load(ID))
				.withMessageContaining("key");
		}
		FileTokenStore restored = new FileTokenStore(directory(), lost, List.of());
		assertThat(restored.load(ID)).isEqualTo(credential);
		assertThat(restored.save(TestCredentials.credential().generation(2).build(), 1)).isTrue();
	}

	@Test
	void keyFileThatIsNoKeyIsNamed() throws IOException {
		Files.createDirectories(directory());
		Files.writeString(directory().resolve("encryption.key"), "c2VjcmV0IGJ1dCBzaG9ydA==");
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(this::open)
			.withMessageContaining("encryption.key")
			.withMessageNotContaining("c2VjcmV0");
		assertThat(directory().resolve("encryption.key")).hasContent("c2VjcmV0IGJ1dCBzaG9ydA==");
	}

	// Keys elsewhere.

	private FileTokenStore openWith(KeyPlace place) {
		return new FileTokenStore(directory(), place, List.of(), LeaseLocks.LONGEST);
	}

	@Test
	void directoryThatIsEmptyCostsNoKeyElsewhere() throws IOException {
		MapKeyPlace place = new MapKeyPlace();
		Credential credential = savedIn(openWith(place), ID);
		moveAway();
		openWith(place);
		deleteDirectory();
		Files.move(this.temporary.resolve("moved"), directory());
		assertThat(openWith(place).load(ID)).isEqualTo(credential);
	}

	@Test
	void keyInAFileAndAnotherElsewhereAreBothKept() throws IOException {
		MapKeyPlace place = new MapKeyPlace();
		Credential elsewhere = savedIn(openWith(place), ID);
		Files.delete(directory().resolve("encryption.key-elsewhere"));
		Credential inAFile = savedIn(open(), OTHER);
		for (int start = 0; start < 2; start++) {
			FileTokenStore store = openWith(place);
			assertThat(store.load(ID)).isEqualTo(elsewhere);
			assertThat(store.load(OTHER)).isEqualTo(inAFile);
		}
	}

	@Test
	void keyThatWasMovedMeanwhileIsNotWrittenAgain() {
		FileTokenStore running = open();
		savedIn(running, ID);
		MapKeyPlace place = new MapKeyPlace();
		FileTokenStore moved = openWith(place);
		Credential credential = savedIn(running, OTHER);
		assertThat(directory().resolve("encryption.key")).doesNotExist();
		assertThat(moved.load(OTHER)).isEqualTo(credential);
	}

	/** A key store may ask a person for a password. */
	@Test
	void othersWriteWhileAKeyIsAskedFor() {
		MapKeyPlace place = new MapKeyPlace();
		FileTokenStore running = openWith(place);
		place.onRead = () -> savedIn(running, ID);
		assertThat(openWith(place).load(ID)).isNotNull();
	}

	private static Credential savedIn(TokenStore store, CredentialId id) {
		Credential credential = TestCredentials.credential().id(id).build();
		assertThat(store.save(credential, Credential.NONE)).isTrue();
		return credential;
	}

	private void deleteDirectory() throws IOException {
		for (Path file : files()) {
			Files.delete(file);
		}
		Files.delete(directory());
	}

	// Records that cannot be read.

	@Test
	void damagedRecordIsSetAsideAndTheOthersWork() throws IOException {
		saved(ID);
		Credential other = saved(OTHER);
		byte[] damaged = damage(record(ID));
		unknown(ID);
		unknown(ID);
		assertThat(store().load(OTHER)).isEqualTo(other);
		assertThat(files().stream().map(FileTokenStoreTests::bytes))
			.anyMatch((bytes) -> new String(bytes, StandardCharsets.ISO_8859_1)
				.equals(new String(damaged, StandardCharsets.ISO_8859_1)));
	}

	@Test
	void emptyRecordIsUnknown() throws IOException {
		saved(ID);
		Files.write(record(ID), new byte[0]);
		unknown(ID);
	}

	@Test
	void loginReplacesWhatWasSetAsideForGood() throws IOException {
		saved(ID);
		byte[] damaged = damage(record(ID));
		unknown(ID);
		Credential login = TestCredentials.credential().generation(7).build();
		assertThat(store().save(login, Credential.NONE)).isTrue();
		assertThat(store().load(ID)).isEqualTo(login);
		assertThat(store().remove(ID, 7)).isTrue();
		// Neither an error nor the old login: the person has logged out.
		assertThat(store().load(ID)).isNull();
		assertThat(files().stream().map(FileTokenStoreTests::bytes)).as("kept for a person to look at")
			.anyMatch((bytes) -> java.util.Arrays.equals(bytes, damaged));
	}

	@Test
	void loginOfAnOldKeyDoesNotComeBackAfterALogout() {
		byte[] old = CredentialCipher.generateKey();
		new FileTokenStore(directory(), old, List.of()).save(TestCredentials.credential().build(), Credential.NONE);
		byte[] current = CredentialCipher.generateKey();
		FileTokenStore store = new FileTokenStore(directory(), current, List.of());
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store.load(ID));
		store.save(TestCredentials.credential().generation(2).build(), Credential.NONE);
		store.remove(ID, 2);
		assertThat(new FileTokenStore(directory(), current, List.of(old)).load(ID)).isNull();
	}

	@Test
	void processWithAnOlderKeyCostsTheOthersNoWrite() {
		byte[] old = CredentialCipher.generateKey();
		byte[] current = CredentialCipher.generateKey();
		FileTokenStore rotated = new FileTokenStore(directory(), current, List.of(old));
		rotated.save(TestCredentials.credential().generation(1).build(), Credential.NONE);
		FileTokenStore notYet = new FileTokenStore(directory(), old, List.of());
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> notYet.load(ID));
		// The other one has just spent the refresh token that it had read.
		Credential next = TestCredentials.credential().generation(2).build();
		assertThat(rotated.save(next, 1)).isTrue();
		assertThat(rotated.load(ID)).isEqualTo(next);
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> notYet.load(ID));
		assertThat(rotated.remove(ID, 2)).isTrue();
		assertThat(rotated.load(ID)).isNull();
	}

	@Test
	void everyRecordThatWasSetAsideIsKept() throws IOException {
		List<byte[]> damaged = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			store().save(TestCredentials.credential().generation(i + 1).build(), Credential.NONE);
			damaged.add(damage(record(ID)));
			unknown(ID);
		}
		List<byte[]> kept = files().stream().map(FileTokenStoreTests::bytes).toList();
		assertThat(damaged)
			.allMatch((bytes) -> kept.stream().anyMatch((candidate) -> java.util.Arrays.equals(candidate, bytes)));
	}

	@Test
	void recordUnderAnotherNameDoesNotOpen() throws IOException {
		saved(ID);
		saved(OTHER);
		Files.copy(record(ID), record(OTHER), StandardCopyOption.REPLACE_EXISTING);
		unknown(OTHER);
		assertThat(store().load(ID)).isNotNull();
	}

	@Test
	void recordThatIsUnreadableIsNotOverwritten() throws IOException {
		saved(ID);
		damage(record(ID));
		byte[] damaged = Files.readAllBytes(record(ID));
		assertThatExceptionOfType(TokenStoreException.class)
			.isThrownBy(() -> store().save(TestCredentials.credential().generation(2).build(), 1));
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store().remove(ID, 1));
		assertThat(record(ID)).hasBinaryContent(damaged);
	}

	// Directories that cannot be used.

	@Test
	void directoryBelowAFileIsASentence() throws IOException {
		Path file = Files.createFile(this.temporary.resolve("file"));
		assertThatExceptionOfType(TokenStoreException.class)
			.isThrownBy(() -> new FileTokenStore(file.resolve("below"), null, List.of()))
			.withMessageContaining(file.resolve("below").toString())
			.withMessageContaining("cannot be used");
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> new FileTokenStore(file, null, List.of()))
			.withMessageContaining("cannot be used");
	}

	@Test
	void directoryThatVanishedIsNotWritable() throws IOException {
		FileTokenStore store = store();
		moveAway();
		Files.createFile(directory());
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(store::checkWritable)
			.withMessageContaining("A file is in the place of the directory");
		assertThatExceptionOfType(TokenStoreException.class)
			.isThrownBy(() -> store.save(TestCredentials.credential().build(), Credential.NONE));
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store.lock(ID, Duration.ofSeconds(1)));
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store.load(ID));
	}

	private void moveAway() throws IOException {
		Files.move(directory(), this.temporary.resolve("moved"));
	}

	@Test
	void symbolicLinkInPlaceOfALockIsNotFollowed() throws IOException {
		store();
		Path target = this.temporary.resolve("target");
		Files.createSymbolicLink(lockFile(), target);
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store().lock(ID, Duration.ofSeconds(1)));
		assertThat(target).doesNotExist();
	}

	private Path lockFile() throws IOException {
		saved(ID);
		String record = record(ID).getFileName().toString();
		return directory().resolve(record.substring(0, record.lastIndexOf('.')) + ".lock");
	}

	@Test
	void storesOfOneDirectoryUnderTwoNamesShareTheirLocks() throws Exception {
		store();
		Path link = Files.createSymbolicLink(this.temporary.resolve("link"), directory());
		FileTokenStore linked = new FileTokenStore(link, null, List.of());
		ExecutorService thread = Executors.newSingleThreadExecutor();
		try (TokenStore.Lock lock = store().lock(ID, Duration.ofSeconds(5))) {
			thread
				.submit(() -> assertThatExceptionOfType(LockTimeoutException.class)
					.isThrownBy(() -> linked.lock(ID, Duration.ofMillis(50))))
				.get(10, TimeUnit.SECONDS);
			// And the attempt has not dropped the lock of this process.
			try (Child child = new Child(directory())) {
				assertThat(child.output.readLine()).isEqualTo("started");
				assertThat(child.process.waitFor(300, TimeUnit.MILLISECONDS)).isFalse();
				assertThat(child.output.ready()).isFalse();
			}
		}
		finally {
			thread.shutdownNow();
		}
	}

	// Two processes.

	@Test
	void lockHoldsAgainstAnotherProcessAndIsFreedWhenThatIsKilled() throws Exception {
		saved(ID);
		try (Child child = new Child(directory())) {
			assertThat(child.output.readLine()).isEqualTo("started");
			assertThat(child.output.readLine()).isEqualTo("locked");
			assertThatExceptionOfType(LockTimeoutException.class)
				.isThrownBy(() -> store().lock(ID, Duration.ofMillis(200)));
			// What it wrote is what we read, and what we had seen is no longer writable.
			assertThat(store().load(ID).accessToken()).isEqualTo("of-child");
			assertThat(store().save(TestCredentials.credential().generation(9).build(), 1)).isFalse();
			child.process.destroyForcibly();
			store().lock(ID, Duration.ofSeconds(20)).close();
		}
	}

	@Test
	void anotherProcessWaitsForOurLock() throws Exception {
		saved(ID);
		try (Child child = waitingChild()) {
			assertThat(child.output.readLine()).isEqualTo("locked");
			assertThat(store().load(ID).accessToken()).isEqualTo("of-child");
		}
	}

	/**
	 * Held until the child has had time to try: its write must come after our release.
	 */
	private Child waitingChild() throws IOException {
		try (TokenStore.Lock lock = store().lock(ID, Duration.ofSeconds(5))) {
			Child child = new Child(directory());
			assertThat(child.output.readLine()).isEqualTo("started");
			store().save(TestCredentials.credential().accessToken("of-parent").generation(2).build(), 1);
			assertThat(store().load(ID).accessToken()).isEqualTo("of-parent");
			return child;
		}
	}

	@Test
	void twelveProcessesThatWriteAtOnceKeepAllTheirRecords() throws Exception {
		Map<CredentialId, Child> children = new LinkedHashMap<>();
		try {
			for (int i = 0; i < 12; i++) {
				String provider = "p" + i;
				children.put(CredentialId.ofApplication(provider),
						new Child(StoreWriter.class, directory().toString(), provider));
			}
			for (Child child : children.values()) {
				assertThat(child.output.readLine()).isEqualTo("started");
			}
			for (Child child : children.values()) {
				child.process.getOutputStream().write('\n');
				child.process.getOutputStream().flush();
			}
			for (Child child : children.values()) {
				assertThat(child.output.readLine()).isEqualTo("written");
			}
			FileTokenStore store = store();
			assertThat(children.keySet())
				.allSatisfy((id) -> assertThat(store.load(id).generation()).isEqualTo(StoreWriter.WRITES));
		}
		finally {
			children.values().forEach(Child::close);
		}
	}

	/** A real process with the class path of this one. */
	private static final class Child implements AutoCloseable {

		private final Process process;

		private final BufferedReader output;

		private Child(Path directory) throws IOException {
			this(LockHolder.class, directory.toString());
		}

		private Child(Class<?> main, String... arguments) throws IOException {
			List<String> command = new ArrayList<>(
					List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx32m",
							"-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), main.getName()));
			command.addAll(List.of(arguments));
			this.process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
			this.output = this.process.inputReader(StandardCharsets.UTF_8);
		}

		@Override
		public void close() {
			this.process.destroyForcibly();
		}

	}

	@Test
	void textShowsNoKey() {
		byte[] key = CredentialCipher.generateKey();
		String text = new FileTokenStore(directory(), key, List.of()) + " " + new CredentialCipher(key, List.of());
		assertThat(text).contains(directory().getFileName().toString())
			.doesNotContain(java.util.Base64.getEncoder().encodeToString(key));
	}

	private Credential saved(CredentialId id) {
		Credential credential = TestCredentials.credential().id(id).build();
		store().save(credential, Credential.NONE);
		return credential;
	}

	private void unknown(CredentialId id) {
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store().load(id))
			.withMessageContaining(id.providerId());
	}

	private Path record(CredentialId id) throws IOException {
		return files().stream()
			.filter((file) -> file.getFileName().toString().startsWith(id.providerId() + "-")
					&& file.toString().endsWith(".credential"))
			.findFirst()
			.orElseThrow();
	}

	@Override
	protected boolean damage(CredentialId id) {
		try {
			damage(record(id));
			return true;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static byte[] damage(Path file) throws IOException {
		byte[] bytes = Files.readAllBytes(file);
		bytes[bytes.length - 1] ^= 1;
		Files.write(file, bytes);
		return bytes;
	}

	private List<Path> files() throws IOException {
		try (Stream<Path> files = Files.list(directory())) {
			return files.toList();
		}
	}

	private static byte[] bytes(Path file) {
		try {
			return Files.readAllBytes(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String mode(Path path) {
		try {
			return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** A key store of one session. */
	private static final class MapKeyPlace implements KeyPlace {

		private final Map<Path, byte[]> keys = new ConcurrentHashMap<>();

		private Runnable onRead = () -> {
		};

		@Override
		public byte @Nullable [] read(Path directory) {
			this.onRead.run();
			return this.keys.get(directory);
		}

		@Override
		public void write(Path directory, byte[] key) {
			this.keys.put(directory, key);
		}

	}

}
