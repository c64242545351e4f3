package io.github.oauth2pkce.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.oauth2pkce.testing.TestCredentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Disks that are full, that cannot lock, or that lose the last step of a write. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(60)
class FileStoreFailuresTests {

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	@TempDir
	private Path directory;

	private final FaultyDisk disk = new FaultyDisk();

	private FileTokenStore open() {
		return open(Duration.ofMinutes(3));
	}

	private FileTokenStore open(Duration longestLock) {
		return new FileTokenStore(this.directory, null, List.of(), longestLock, this.disk);
	}

	@ParameterizedTest
	@CsvSource({ "No space left on device, make room", "Read-only file system, mount it writable",
			"Input/output error, that disk", "Etwas anderes, Etwas anderes" })
	void saysWhatTheSystemSaysAndWhatToDo(String reason, String advice) {
		FileTokenStore store = open();
		this.disk.fileFailure = reason;
		for (Runnable write : List.<Runnable>of(store::checkWritable,
				() -> store.save(TestCredentials.credential().build(), Credential.NONE))) {
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(write::run)
				.withMessageContaining("cannot be written: " + reason)
				.withMessageContaining(advice);
		}
		this.disk.fileFailure = null;
		assertThat(store.load(ID)).isNull();
	}

	@Test
	void startWithoutLocksSaysSo() {
		FileTokenStore store = open();
		this.disk.lockFailure = "No locks available";
		for (Runnable use : List.<Runnable>of(store::checkWritable, () -> store.lock(ID, Duration.ofSeconds(1)))) {
			assertThatExceptionOfType(TokenStoreException.class).isThrownBy(use::run)
				.withMessageContaining("cannot be locked there (No locks available)")
				.withMessageContaining("local disk");
		}
	}

	@Test
	void saveWhoseLastStepFailedCanBeRepeated() {
		FileTokenStore store = open();
		store.checkWritable();
		Credential first = TestCredentials.credential().build();
		repeatedly(store, first, Credential.NONE);
		repeatedly(store, TestCredentials.credential().generation(2).build(), 1);
	}

	private void repeatedly(FileTokenStore store, Credential credential, long expected) {
		this.disk.directoryFailure = "Input/output error";
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store.save(credential, expected))
			.withMessageContaining("Input/output error");
		// It is in place, but not yet safe from a power cut.
		assertThatExceptionOfType(TokenStoreException.class).isThrownBy(() -> store.save(credential, expected));
		this.disk.directoryFailure = null;
		assertThat(store.save(credential, expected)).isTrue();
		assertThat(store.load(ID)).isEqualTo(credential);
	}

	/** CIFS and FUSE say that this argument is invalid. */
	@Test
	void directoryThatCannotBeForcedIsNoReasonToStop() {
		this.disk.directoryFailure = "Invalid argument";
		FileTokenStore store = open();
		assertThatCode(store::checkWritable).doesNotThrowAnyException();
		Credential credential = TestCredentials.credential().build();
		assertThat(store.save(credential, Credential.NONE)).isTrue();
		assertThat(store.load(ID)).isEqualTo(credential);
	}

	@Test
	void holderThatHangsKeepsOthersOutForABoundedTime() throws Exception {
		FileTokenStore hanging = open(Duration.ofMillis(300));
		ExecutorService thread = Executors.newSingleThreadExecutor();
		try {
			TokenStore.Lock lock = thread.submit(() -> hanging.lock(ID, Duration.ofSeconds(5)))
				.get(10, TimeUnit.SECONDS);
			assertThat(lock.isHeld()).isTrue();
			try (java.io.BufferedReader other = lockHolder()) {
				assertThat(other.readLine()).isEqualTo("started");
				assertThat(other.readLine()).isEqualTo("locked");
			}
			assertThat(lock.isHeld()).isFalse();
			// It can still be given back, and taken again.
			thread.submit(lock::close).get(10, TimeUnit.SECONDS);
			hanging.lock(ID, Duration.ofSeconds(20)).close();
		}
		finally {
			thread.shutdownNow();
		}
	}

	/** A lock that is given back in time is not given up. */
	@Test
	void holderThatIsQuickKeepsItsLock() {
		FileTokenStore store = open();
		try (TokenStore.Lock lock = store.lock(ID, Duration.ofSeconds(5))) {
			assertThat(lock.isHeld()).isTrue();
		}
		try (TokenStore.Lock again = store.lock(ID, Duration.ofSeconds(5))) {
			assertThat(again.isHeld()).isTrue();
		}
	}

	private java.io.BufferedReader lockHolder() throws IOException {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xmx32m", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
				LockHolder.class.getName(), this.directory.toString())
			.redirectError(ProcessBuilder.Redirect.DISCARD)
			.start();
		return new java.io.BufferedReader(process.inputReader()) {

			@Override
			public void close() throws IOException {
				process.destroyForcibly();
				super.close();
			}

		};
	}

	/** Fails as it is told. */
	private final class FaultyDisk implements Disk {

		private volatile @Nullable String fileFailure;

		private volatile @Nullable String directoryFailure;

		private volatile @Nullable String lockFailure;

		@Override
		public void force(FileChannel channel) throws IOException {
			// A directory cannot be positioned, and has the size of no file of ours.
			String failure = isDirectory(channel) ? this.directoryFailure : this.fileFailure;
			if (failure != null) {
				throw new IOException(failure);
			}
		}

		private boolean isDirectory(FileChannel channel) {
			try {
				channel.write(java.nio.ByteBuffer.allocate(0));
				return false;
			}
			catch (java.nio.channels.NonWritableChannelException ex) {
				return true;
			}
			catch (IOException ex) {
				return false;
			}
		}

		@Override
		public @Nullable FileLock tryLock(FileChannel channel) throws IOException {
			if (this.lockFailure != null) {
				throw new IOException(this.lockFailure);
			}
			return channel.tryLock();
		}

	}

}
