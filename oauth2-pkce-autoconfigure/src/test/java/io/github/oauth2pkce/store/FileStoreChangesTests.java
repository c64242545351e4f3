package io.github.oauth2pkce.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.testing.TestCredentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The directory, its volume and its key change while a process has the store open: that
 * is taken over or told, and never a guess.
 */
@DisabledOnOs(OS.WINDOWS)
@Timeout(60)
class FileStoreChangesTests {

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	private static final CredentialId OTHER = CredentialId.ofApplication("other");

	@TempDir
	private Path temporary;

	private Path directory;

	private Path away;

	private FileTokenStore store;

	private Credential stored;

	@BeforeEach
	void open() {
		this.directory = this.temporary.resolve("volume/app");
		this.away = this.temporary.resolve("unmounted");
		this.store = openAnother();
		this.store.checkWritable();
		this.stored = save(this.store, ID, 1, Credential.NONE);
	}

	private FileTokenStore openAnother() {
		return new FileTokenStore(this.directory, null, List.of());
	}

	private static Credential save(TokenStore store, CredentialId id, long generation, long expected) {
		Credential credential = TestCredentials.credential().id(id).generation(generation).build();
		assertThat(store.save(credential, expected)).isTrue();
		return credential;
	}

	private void unmount() throws IOException {
		Files.move(this.directory, this.away);
	}

	private void mount() throws IOException {
		Files.deleteIfExists(this.directory);
		Files.move(this.away, this.directory);
	}

	// The directory.

	@Test
	void directoryThatVanishedIsNotALogout() throws IOException {
		unmount();
		unknown("is gone");
		mount();
		assertThat(this.store.load(ID)).isEqualTo(this.stored);
	}

	/** Where a volume was, the empty directory below it shows. */
	@Test
	void emptyDirectoryBelowAVolumeIsNotALogout() throws IOException {
		unmount();
		Files.createDirectory(this.directory);
		unknown("is empty");
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(this.store::checkWritable)
			.withMessageContaining("is empty");
		assertThatExceptionOfType(TokenStoreException.class)
			.isThrownBy(() -> this.store.save(TestCredentials.credential().generation(2).build(), 1));
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> this.store.remove(ID, 1));
		unknown("is empty");
		mount();
		assertThat(this.store.load(ID)).isEqualTo(this.stored);
		save(this.store, ID, 2, 1);
	}

	@Test
	void directoryThatWasMadeAnewTakesTheNextLogin() throws IOException {
		unmount();
		Files.createDirectory(this.directory,
				PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
		Credential login = save(this.store, ID, 7, Credential.NONE);
		assertThat(this.store.load(ID)).isEqualTo(login);
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(this.directory))).isEqualTo("rwx------");
		// Its key came along, or nobody could read it after a restart.
		assertThat(openAnother().load(ID)).isEqualTo(login);
	}

	@Test
	void anotherVolumeIsTakenOver() throws IOException {
		FileTokenStore elsewhere = new FileTokenStore(this.temporary.resolve("other"), null, List.of());
		Credential there = save(elsewhere, ID, 5, Credential.NONE);
		unmount();
		Files.move(this.temporary.resolve("other"), this.directory);
		assertThat(this.store.load(ID)).isEqualTo(there);
		assertThat(this.store.load(OTHER)).isNull();
		Credential next = save(this.store, ID, 6, 5);
		assertThat(openAnother().load(ID)).isEqualTo(next);
	}

	// The key.

	@Test
	void keyFileThatIsReplacedIsTakenOver() throws IOException {
		writeKey(CredentialCipher.generateKey());
		// What this process has read stays readable, and the next write is of the new
		// key.
		assertThat(this.store.load(ID)).isEqualTo(this.stored);
		Credential next = save(this.store, ID, 2, 1);
		assertThat(openAnother().load(ID)).isEqualTo(next);
		assertThat(this.store.load(ID)).isEqualTo(next);
	}

	@Test
	void keyFileThatIsMountedLaterOpensItsRecords() throws IOException {
		FileTokenStore elsewhere = new FileTokenStore(this.temporary.resolve("other"), null, List.of());
		Credential there = save(elsewhere, ID, 5, Credential.NONE);
		for (Path file : files(this.temporary.resolve("other"), ".credential")) {
			Files.copy(file, this.directory.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
		}
		unknown("another key");
		Files.copy(this.temporary.resolve("other/encryption.key"), this.directory.resolve("encryption.key"),
				StandardCopyOption.REPLACE_EXISTING);
		assertThat(this.store.load(ID)).isEqualTo(there);
	}

	@Test
	void keyFileThatIsGoneIsWrittenAgainBeforeARecordNeedsIt() throws IOException {
		Files.delete(this.directory.resolve("encryption.key"));
		assertThat(this.store.load(ID)).isEqualTo(this.stored);
		Credential next = save(this.store, ID, 2, 1);
		assertThat(openAnother().load(ID)).isEqualTo(next);
	}

	@Test
	void keyFileThatIsNoneAnyMoreIsNamedBeforeARecordIsWritten() throws IOException {
		byte[] key = Files.readAllBytes(this.directory.resolve("encryption.key"));
		for (String broken : List.of("", "half", "c2VjcmV0IGJ1dCBzaG9ydA==")) {
			Files.writeString(this.directory.resolve("encryption.key"), broken);
			assertThat(this.store.load(ID)).isEqualTo(this.stored);
			assertThatExceptionOfType(TokenStoreException.class)
				.isThrownBy(() -> this.store.save(TestCredentials.credential().generation(2).build(), 1))
				.withMessageContaining("encryption.key");
		}
		Files.write(this.directory.resolve("encryption.key"), key);
		save(this.store, ID, 2, 1);
	}

	// Reading.

	@Test
	void readingMovesNoFiles() throws IOException {
		FileTokenStore without = new FileTokenStore(this.directory, CredentialCipher.generateKey(), List.of());
		List<Path> before = files(this.directory, "");
		for (int i = 0; i < 3; i++) {
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> without.load(ID));
			assertThat(this.store.load(ID)).isEqualTo(this.stored);
		}
		assertThat(files(this.directory, "")).isEqualTo(before);
	}

	@Test
	void loginSetsAsideWhatItCannotRead() throws IOException {
		FileTokenStore without = new FileTokenStore(this.directory, CredentialCipher.generateKey(), List.of());
		byte[] unreadable = Files.readAllBytes(files(this.directory, ".credential").get(0));
		Credential login = save(without, ID, 7, Credential.NONE);
		assertThat(without.load(ID)).isEqualTo(login);
		assertThat(files(this.directory, ".unreadable")).singleElement()
			.satisfies((file) -> assertThat(file).hasBinaryContent(unreadable));
	}

	@Test
	void whatAnEarlierVersionSetAsideStillComesBack() throws IOException {
		Path record = files(this.directory, ".credential").get(0);
		String name = record.getFileName().toString().replace(".credential", ".unreadable");
		Files.move(record, record.resolveSibling(name));
		assertThat(this.store.load(ID)).isEqualTo(this.stored);
		Credential next = save(this.store, ID, 2, 1);
		assertThat(this.store.load(ID)).isEqualTo(next);
		assertThat(this.store.remove(ID, 2)).isTrue();
		assertThat(this.store.load(ID)).isNull();
	}

	@Test
	void recordOfALaterVersionIsNotToBeDeleted() throws IOException {
		Path record = files(this.directory, ".credential").get(0);
		byte[] bytes = Files.readAllBytes(record);
		bytes[0] = 2;
		Files.write(record, bytes);
		laterVersion();
		CredentialCipher cipher = new CredentialCipher(
				Base64.getDecoder().decode(Files.readString(this.directory.resolve("encryption.key")).strip()),
				List.of());
		Files.write(record, cipher.encrypt(ID, "{\"version\":4}".getBytes(StandardCharsets.UTF_8)));
		laterVersion();
	}

	private void laterVersion() {
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> this.store.load(ID))
			.withMessageContaining("later version")
			.withMessageNotContaining("delete");
	}

	@Test
	void fileThatIsTooLargeForALoginIsNotReadIntoMemory() throws IOException {
		Path record = files(this.directory, ".credential").get(0);
		try (java.io.RandomAccessFile file = new java.io.RandomAccessFile(record.toFile(), "rw")) {
			file.setLength(8L << 30);
		}
		unknown("too large");
		save(this.store, ID, 7, Credential.NONE);
	}

	@Test
	void whatIsNoFileInPlaceOfARecordIsUnknown() throws IOException {
		Path record = files(this.directory, ".credential").get(0);
		Files.delete(record);
		Files.createDirectory(record);
		unknown("no regular file");
		save(this.store, ID, 7, Credential.NONE);
	}

	// What others left.

	@Test
	void filesOfWritersThatWereKilledGoAtTheNextStart() throws IOException {
		String record = files(this.directory, ".credential").get(0).getFileName().toString();
		Path stale = Files.writeString(this.directory.resolve(record + ".6b29fc40-ca47-4067-b31d-00dd010662da.tmp"),
				"x");
		Path ofKey = Files
			.writeString(this.directory.resolve("encryption.key.6b29fc40-ca47-4067-b31d-00dd010662da.tmp"), "x");
		Path foreign = Files.writeString(this.directory.resolve("notes.tmp"), "x");
		try (TokenStore.Lock lock = this.store.lock(ID, Duration.ofSeconds(5))) {
			openAnother();
		}
		assertThat(stale).doesNotExist();
		assertThat(ofKey).doesNotExist();
		assertThat(foreign).exists();
		assertThat(this.store.load(ID)).isEqualTo(this.stored);
	}

	@Test
	void rightsThatFilesShouldNotHaveAreTakenAway() throws IOException {
		Path foreign = Files.writeString(this.directory.resolve("notes"), "x");
		for (Path file : files(this.directory, "")) {
			Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
		}
		openAnother();
		assertThat(files(this.directory, "")).hasSizeGreaterThanOrEqualTo(4).allSatisfy((file) -> {
			if (!file.equals(foreign)) {
				assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).as("%s", file)
					.isEqualTo("rw-------");
			}
		});
		Path record = files(this.directory, ".credential").get(0);
		Files.setPosixFilePermissions(record, PosixFilePermissions.fromString("rw-r--r--"));
		this.store.load(ID);
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(record))).isEqualTo("rw-------");
	}

	private void unknown(String reason) {
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> this.store.load(ID))
			.withMessageContaining(reason);
	}

	private void writeKey(byte[] key) throws IOException {
		Files.writeString(this.directory.resolve("encryption.key"), Base64.getEncoder().encodeToString(key) + "\n");
	}

	private static List<Path> files(Path directory, String suffix) throws IOException {
		try (Stream<Path> files = Files.list(directory)) {
			return files.filter((file) -> file.toString().endsWith(suffix)).sorted().toList();
		}
	}

}
