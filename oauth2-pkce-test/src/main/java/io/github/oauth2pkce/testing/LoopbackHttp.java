package io.github.oauth2pkce.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server on 127.0.0.1 that can leave and come back on the same port.
 */
final class LoopbackHttp {

	static {
		// Otherwise Nagle's algorithm holds every body back for a delayed ACK, 40 ms.
		System.setProperty("sun.net.httpserver.nodelay", "true");
	}

	private final HttpHandler handler;

	private int port;

	private @Nullable HttpServer server;

	private @Nullable ExecutorService workers;

	LoopbackHttp(HttpHandler handler) {
		this.handler = handler;
	}

	synchronized void start() {
		if (this.server != null) {
			return;
		}
		try {
			InetAddress loopback = InetAddress.getByAddress(new byte[] { 127, 0, 0, 1 });
			HttpServer server = HttpServer.create(new InetSocketAddress(loopback, this.port), 0);
			// Unbounded, so that an answer that is held back holds back no other.
			ExecutorService workers = Executors.newCachedThreadPool((task) -> {
				Thread thread = new Thread(task, "fake-authorization-server");
				thread.setDaemon(true);
				return thread;
			});
			server.createContext("/", this.handler);
			server.setExecutor(workers);
			server.start();
			this.port = server.getAddress().getPort();
			this.server = server;
			this.workers = workers;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot listen on port " + this.port, ex);
		}
	}

	/**
	 * Refuse new connections, break those that are open, and wake whoever is waiting.
	 */
	synchronized void stop() {
		if (this.server != null) {
			this.server.stop(0);
			this.server = null;
		}
		if (this.workers != null) {
			this.workers.shutdownNow();
			this.workers = null;
		}
	}

	synchronized int port() {
		return this.port;
	}

}
