package io.github.oauth2pkce.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

/**
 * Locks between processes: an OS lock on a dedicated file, which the system drops when
 * its holder dies, behind a JVM lock, because the OS lock belongs to the whole process. A
 * lock file is never deleted: another process may be waiting on it, and would then hold a
 * lock that nobody else can see.
 */
final class FileLocks {

	private static final long POLL_MILLIS = 20;

	/**
	 * Shared by all stores of this JVM: closing any channel of a file drops the OS locks
	 * that the process holds on it, so two stores must never open one at a time. Weak, as
	 * holders and waiters keep theirs.
	 */
	private static final Cache<Path, ReentrantLock> JVM_LOCKS = Caffeine.newBuilder().weakValues().build();

	/**
	 * Locks.
	 * @param file the lock file
	 * @param timeout how long to wait
	 * @return the lock, or {@code null} when it was not to be had in time
	 * @throws IOException when the file cannot be used
	 */
	@Nullable Held lock(Path file, Duration timeout) throws IOException {
		long deadline = System.nanoTime() + timeout.toNanos();
		ReentrantLock jvmLock = JVM_LOCKS.get(file, (key) -> new ReentrantLock());
		try {
			if (!jvmLock.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
				return null;
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return null;
		}
		FileChannel channel = null;
		FileLock lock = null;
		try {
			channel = FileChannel.open(file, PrivateFiles.openOptions(StandardOpenOption.WRITE), PrivateFiles.FILE);
			lock = acquire(channel, deadline);
			return (lock != null) ? new Held(jvmLock, channel) : null;
		}
		finally {
			if (lock == null) {
				if (channel != null) {
					channel.close();
				}
				jvmLock.unlock();
			}
		}
	}

	private static @Nullable FileLock acquire(FileChannel channel, long deadline) throws IOException {
		while (true) {
			FileLock lock = tryLock(channel);
			if (lock != null) {
				return lock;
			}
			if (System.nanoTime() - deadline >= 0) {
				return null;
			}
			try {
				// The OS has no timed lock, so this polls; only other processes cause it.
				TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return null;
			}
		}
	}

	private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
		try {
			return channel.tryLock();
		}
		catch (OverlappingFileLockException ex) {
			// The same class in another class loader, such as before a restart.
			return null;
		}
	}

	/** Both locks, held. */
	record Held(ReentrantLock jvmLock, FileChannel channel) implements TokenStore.Lock {

		@Override
		public void close() {
			try {
				this.channel.close();
			}
			catch (IOException ex) {
				// Closing drops the OS lock even when it reports an error.
			}
			finally {
				this.jvmLock.unlock();
			}
		}

	}

}
