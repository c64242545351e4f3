package io.github.oauth2pkce.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;

import org.jspecify.annotations.Nullable;

/** What file systems do in their own ways, or not at all. */
interface Disk {

	/** The one of this machine. */
	Disk LOCAL = new Disk() {
	};

	/** Returns when everything is where a power cut leaves it. */
	default void force(FileChannel channel) throws IOException {
		channel.force(true);
	}

	/** Locks against other processes, {@code null} while one of them has the lock. */
	default @Nullable FileLock tryLock(FileChannel channel) throws IOException {
		return channel.tryLock();
	}

}
