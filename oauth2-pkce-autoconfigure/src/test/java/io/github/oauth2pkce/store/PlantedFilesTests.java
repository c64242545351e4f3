package io.github.oauth2pkce.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.testing.TestCredentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What another account has put where logins are kept is not a login. */
@DisabledOnOs(OS.WINDOWS)
class PlantedFilesTests {

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	private static final int SOMEBODY_ELSE = 54321;

	@TempDir
	private Path temporary;

	private Path directory;

	@BeforeEach
	void plant() throws IOException {
		this.directory = this.temporary.resolve("app");
		assertThat(open().save(TestCredentials.credential().build(), Credential.NONE)).isTrue();
	}

	private FileTokenStore open() {
		return new FileTokenStore(this.directory, null, List.of());
	}

	@Test
	void keyFileOfSomebodyElseIsRefused() throws IOException {
		own(this.directory.resolve("encryption.key"));
		refused("encryption.key", "belongs to the user " + SOMEBODY_ELSE);
	}

	@Test
	void keyFileThatOthersMayWriteIsRefused() throws IOException {
		for (String mode : List.of("rw-rw----", "rw----rw-")) {
			mode(this.directory.resolve("encryption.key"), mode);
			refused("encryption.key", "others may write to it", "chmod 600");
		}
		mode(this.directory.resolve("encryption.key"), "rw-------");
		assertThat(open().load(ID)).isNotNull();
	}

	@Test
	void keyFileThatIsReplacedBySomebodyElseWhileItRunsIsRefused() throws IOException {
		FileTokenStore store = open();
		Path key = this.directory.resolve("encryption.key");
		Files.writeString(key, Base64.getEncoder().encodeToString(CredentialCipher.generateKey()));
		mode(key, "rw-rw-rw-");
		assertThatExceptionOfType(TokenStoreException.class)
			.isThrownBy(() -> store.save(TestCredentials.credential().generation(2).build(), 1))
			.withMessageContaining("others may write to it");
		assertThat(store.load(ID)).isNotNull();
	}

	@Test
	void directoryOfSomebodyElseIsRefused() throws IOException {
		own(this.directory);
		refused(this.directory.toString(), "belongs to the user " + SOMEBODY_ELSE);
	}

	@Test
	void recordOfSomebodyElseIsUnknownUntilALogin() throws IOException {
		own(record());
		FileTokenStore store = open();
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store.load(ID))
			.withMessageContaining("belongs to the user " + SOMEBODY_ELSE);
		assertThatExceptionOfType(TokenStoreException.class)
			.isThrownBy(() -> store.save(TestCredentials.credential().generation(2).build(), 1));
		Credential login = TestCredentials.credential().generation(7).build();
		assertThat(store.save(login, Credential.NONE)).isTrue();
		assertThat(store.load(ID)).isEqualTo(login);
	}

	@Test
	void recordThatOthersMayWriteIsUnknown() throws IOException {
		mode(record(), "rw-rw-rw-");
		FileTokenStore store = open();
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store.load(ID))
			.withMessageContaining("others may write to it");
	}

	@Test
	void linkOfSomebodyElseInPlaceOfTheDirectoryLeadsNowhere() throws IOException {
		Path target = Files.createDirectory(this.temporary.resolve("target"));
		mode(target, "rwxr-xr-x");
		Path link = Files.createSymbolicLink(this.temporary.resolve("link"), target);
		own(link);
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> new FileTokenStore(link, null, List.of()))
			.withMessageContaining(link.toString());
		assertThat(target).isEmptyDirectory();
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target))).isEqualTo("rwxr-xr-x");
	}

	/** As secrets are mounted: links, of root, that everybody may read. */
	@Test
	void linkOfOursToAKeyIsFollowed() throws IOException {
		Path key = this.directory.resolve("encryption.key");
		Path target = this.temporary.resolve("secret");
		Files.move(key, target);
		Files.createSymbolicLink(key, target);
		assertThat(open().load(ID)).isNotNull();
		own(key);
		refused("encryption.key", "belongs to the user " + SOMEBODY_ELSE);
	}

	private void refused(String... texts) {
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(this::open)
			.satisfies((ex) -> assertThat(ex.getMessage()).contains(texts));
	}

	private Path record() throws IOException {
		try (Stream<Path> files = Files.list(this.directory)) {
			return files.filter((file) -> file.toString().endsWith(".credential")).findFirst().orElseThrow();
		}
	}

	private static void mode(Path path, String mode) throws IOException {
		Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
	}

	private static void own(Path path) throws IOException {
		try {
			Files.setAttribute(path, "unix:uid", SOMEBODY_ELSE, LinkOption.NOFOLLOW_LINKS);
		}
		catch (IOException ex) {
			Assumptions.abort("only root can give files away: " + ex.getMessage());
		}
	}

}
