package io.github.oauth2pkce.code;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;

/**
 * Listens for one login's redirect (RFC 8252 section 7.3), on a loopback address and for
 * as long as the login is open, no longer.
 */
final class LoopbackListener implements AutoCloseable {

	static final String PATH = "/callback";

	/** More than a browser opens; whoever comes beyond is cut off. */
	private static final int CONNECTIONS = 32;

	/**
	 * The JDK's server logs request lines, and ours have code and state in them. Held
	 * here, because a logger that nobody holds is forgotten, and its filter with it.
	 * Where System.Logger does not end at java.util.logging, no filter of ours is asked:
	 * docs/security.md says what to do then.
	 */
	private static final Logger SERVER_LOG = Logger.getLogger("com.sun.net.httpserver");

	static {
		Filter others = SERVER_LOG.getFilter();
		SERVER_LOG.setFilter((line) -> !showsCallback(line) && (others == null || others.isLoggable(line)));
	}

	static final byte[] IPV4 = { 127, 0, 0, 1 };

	static final byte[] IPV6 = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };

	private final HttpServer server;

	private final ThreadPoolExecutor threads;

	private LoopbackListener(HttpServer server, String name) {
		this.server = server;
		this.threads = new ThreadPoolExecutor(0, CONNECTIONS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(),
				(task) -> {
					Thread thread = new Thread(task, name);
					thread.setDaemon(true);
					return thread;
				});
		this.server.setExecutor(this.threads);
	}

	private static boolean showsCallback(LogRecord line) {
		Object[] parameters = (line.getParameters() != null) ? line.getParameters() : new Object[0];
		return Stream.concat(Stream.of(line.getMessage()), Stream.of(parameters))
			.anyMatch((text) -> String.valueOf(text).contains(PATH + "?"));
	}

	/**
	 * Binds the port; answers nothing yet.
	 * @param provider whose port
	 * @return the listener
	 * @throws CodeLoginException naming {@code redirect-port} when the port is not free
	 */
	static LoopbackListener bind(Provider provider) {
		return bind(provider, IPV4, IPV6);
	}

	static LoopbackListener bind(Provider provider, byte[] first, byte[] second) {
		int port = provider.redirectPort();
		try {
			return new LoopbackListener(create(port, first, second), "oauth2-callback-" + provider.id());
		}
		catch (IOException ex) {
			String property = "oauth2.pkce.providers." + provider.id() + ".redirect-port";
			throw CodeLoginException.noListener((port != 0)
					? "Cannot listen on loopback port " + port + " (" + ex.getMessage() + "): free it, or set "
							+ property + " to another port, or to 0 for any free one"
					: "Cannot listen on a loopback address (" + ex.getMessage() + "), not even with " + property + "=0",
					ex);
		}
	}

	/**
	 * RFC 8252 section 8.3: the literal, not the name {@code localhost}, which may be
	 * something else. The older address first: it is what providers know.
	 */
	private static HttpServer create(int port, byte[] first, byte[] second) throws IOException {
		try {
			return HttpServer.create(address(first, port), 0);
		}
		catch (IOException ex) {
			// A port that is taken is no reason to leave the address: whoever took it
			// would get the redirect of every client that has only that one registered.
			if (port != 0 && exists(first)) {
				throw ex;
			}
			return HttpServer.create(address(second, port), 0);
		}
	}

	private static boolean exists(byte[] address) {
		try (ServerSocket socket = new ServerSocket()) {
			socket.bind(address(address, 0));
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static InetSocketAddress address(byte[] address, int port) throws UnknownHostException {
		return new InetSocketAddress(InetAddress.getByAddress(address), port);
	}

	URI redirectUri() {
		InetSocketAddress address = this.server.getAddress();
		String host = (address.getAddress().getAddress().length == IPV4.length) ? "127.0.0.1" : "[::1]";
		return URI.create("http://" + host + ":" + address.getPort() + PATH);
	}

	/**
	 * Starts to answer.
	 * @param callback gets the raw query of each {@code GET} of the exact path, on
	 * threads of its own; it may take its time
	 */
	void start(Function<@Nullable String, Callback> callback) {
		this.server.createContext("/", (exchange) -> handle(exchange, callback));
		this.server.start();
	}

	private static void handle(HttpExchange exchange, Function<@Nullable String, Callback> callback)
			throws IOException {
		try (exchange) {
			URI uri = exchange.getRequestURI();
			if (!PATH.equals(uri.getRawPath())) {
				send(exchange, CallbackPage.ignored(404, "There is nothing here"));
			}
			else if (!"GET".equals(exchange.getRequestMethod())) {
				exchange.getResponseHeaders().set("Allow", "GET");
				send(exchange, CallbackPage.ignored(405, "Only GET is answered"));
			}
			else {
				Callback result = callback.apply(uri.getRawQuery());
				try {
					send(exchange, result.page());
				}
				finally {
					exchange.close();
					result.delivered().run();
				}
			}
		}
	}

	private static void send(HttpExchange exchange, CallbackPage page) throws IOException {
		page.headers().forEach(exchange.getResponseHeaders()::set);
		// The listener goes with its login: no connection is worth keeping.
		exchange.getResponseHeaders().set("Connection", "close");
		byte[] body = page.body();
		boolean head = "HEAD".equals(exchange.getRequestMethod());
		exchange.sendResponseHeaders(page.status(), head ? -1 : body.length);
		if (!head) {
			exchange.getResponseBody().write(body);
		}
	}

	@Override
	public void close() {
		this.server.stop(0);
		this.threads.shutdownNow();
	}

	/**
	 * How a hit is answered.
	 *
	 * @param page the page
	 * @param delivered is told when the page was written, or could not be
	 */
	record Callback(CallbackPage page, Runnable delivered) {

		Callback(CallbackPage page) {
			this(page, () -> {
			});
		}

	}

}
