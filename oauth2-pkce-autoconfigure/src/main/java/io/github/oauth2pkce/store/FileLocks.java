package io.github.oauth2pkce.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locks between processes: an OS lock on a dedicated file, which the system drops when
 * its holder dies, behind a JVM lock, because the OS lock belongs to the whole process. A
 * lock file is never deleted: another process may be waiting on it, and would then hold a
 * lock that nobody else can see.
 */
final class FileLocks {

	private static final Logger logger = LoggerFactory.getLogger(FileLocks.class);

	private static final long LONGEST_POLL_MILLIS = 20;

	/**
	 * Shared by all stores of this JVM: closing any channel of a file drops the OS locks
	 * that the process holds on it, so two stores must never open one at a time. Each is
	 * there as long as somebody holds it or waits for it.
	 */
	private static final Map<Path, JvmLock> JVM_LOCKS = new ConcurrentHashMap<>();

	private final Disk disk;

	FileLocks(Disk disk) {
		this.disk = disk;
	}

	/**
	 * Locks.
	 * @param file the lock file
	 * @param timeout how long to wait
	 * @return the lock, or {@code null} when it was not to be had in time
	 * @throws IOException when the file cannot be used
	 */
	@Nullable Held lock(Path file, Duration timeout) throws IOException {
		long deadline = System.nanoTime() + timeout.toNanos();
		JvmLock jvmLock = JvmLock.of(file);
		if (!jvmLock.tryLock(timeout)) {
			return null;
		}
		FileChannel channel = null;
		FileLock lock = null;
		try {
			channel = FileChannel.open(file, PrivateDirectory.lockOptions(), PrivateDirectory.newFile());
			lock = acquire(channel, deadline);
			return (lock != null) ? new Held(file, jvmLock, channel) : null;
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

	private @Nullable FileLock acquire(FileChannel channel, long deadline) throws IOException {
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
				// Not in step with one that comes back as regularly.
				TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(1, LONGEST_POLL_MILLIS));
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return null;
			}
		}
	}

	private @Nullable FileLock tryLock(FileChannel channel) throws IOException {
		try {
			return this.disk.tryLock(channel);
		}
		catch (OverlappingFileLockException ex) {
			// The same class in another class loader, such as before a restart.
			return null;
		}
		catch (IOException ex) {
			throw new IOException("Files cannot be locked there (" + Reasons.of(ex)
					+ "): choose a directory on a local disk, or oauth2.pkce.store.type=jdbc", ex);
		}
	}

	/** The lock of a file in this JVM. */
	private static final class JvmLock {

		private final Path file;

		private final ReentrantLock lock = new ReentrantLock();

		/** Who holds it or waits for it. */
		private int users;

		private JvmLock(Path file) {
			this.file = file;
		}

		static JvmLock of(Path file) {
			return JVM_LOCKS.compute(file, (path, known) -> {
				JvmLock lock = (known != null) ? known : new JvmLock(path);
				lock.users++;
				return lock;
			});
		}

		boolean tryLock(Duration timeout) {
			boolean locked = false;
			try {
				locked = this.lock.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			finally {
				if (!locked) {
					leave();
				}
			}
			return locked;
		}

		void unlock() {
			this.lock.unlock();
			leave();
		}

		private void leave() {
			JVM_LOCKS.computeIfPresent(this.file, (path, lock) -> (--lock.users > 0) ? lock : null);
		}

	}

	/** Both locks, held. */
	static final class Held implements TokenStore.Lock {

		private final Path file;

		private final JvmLock jvmLock;

		private final FileChannel channel;

		private final CompletableFuture<Boolean> late = new CompletableFuture<>();

		private Held(Path file, JvmLock jvmLock, FileChannel channel) {
			this.file = file;
			this.jvmLock = jvmLock;
			this.channel = channel;
		}

		/**
		 * Lets other processes go on after that time, even if whoever holds this hangs.
		 */
		Held within(Duration longest) {
			this.late.completeOnTimeout(true, longest.toMillis(), TimeUnit.MILLISECONDS).thenAccept((timeout) -> {
				if (timeout) {
					// Not on the thread of all timeouts: closing may hang as well.
					CompletableFuture.runAsync(() -> giveUp(longest));
				}
			});
			return this;
		}

		@Override
		public boolean isHeld() {
			return this.channel.isOpen();
		}

		@Override
		public void close() {
			this.late.complete(false);
			try {
				release();
			}
			finally {
				this.jvmLock.unlock();
			}
		}

		private void giveUp(Duration longest) {
			logger.warn("Something has kept {} locked for {} s and seems to hang: other processes go on without it",
					this.file, longest.toSeconds());
			release();
		}

		private void release() {
			try {
				this.channel.close();
			}
			catch (IOException ex) {
				// Closing drops the OS lock even when it reports an error.
			}
		}

	}

}
