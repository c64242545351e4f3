package io.github.oauth2pkce.code;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
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

	/** More than a browser opens; whoever comes beyond is cut off. */
	private static final int CONNECTIONS = 32;

	/** How often to look for a port that is free on both addresses. */
	private static final int ATTEMPTS = 5;

	/**
	 * The JDK's server logs request lines, and ours have code and state in them. Held
	 * here, because a logger that nobody holds is forgotten, and its filter with it.
	 * Where System.Logger does not end at java.util.logging, no filter of ours is asked:
	 * docs/security.md says what to do then.
	 */
	private static final Logger SERVER_LOG = Logger.getLogger("com.sun.net.httpserver");

	private static final Pattern ANSWER = Pattern.compile("[?&](code|state|error)=");

	static {
		Filter others = SERVER_LOG.getFilter();
		SERVER_LOG.setFilter((line) -> !showsAnswer(line) && (others == null || others.isLoggable(line)));
	}

	static final byte[] IPV4 = { 127, 0, 0, 1 };

	static final byte[] IPV6 = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };

	private final List<HttpServer> servers;

	private final URI redirectUri;

	private final String path;

	private final ThreadPoolExecutor threads;

	private LoopbackListener(Provider provider, byte[] ipv4, byte[] ipv6) throws IOException {
		this.threads = new ThreadPoolExecutor(0, CONNECTIONS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(),
				(task) -> {
					Thread thread = new Thread(task, "oauth2-callback-" + provider.id());
					thread.setDaemon(true);
					return thread;
				});
		URI configured = provider.redirectUri();
		int port = Math.max(0, configured.getPort());
		this.servers = switch (configured.getHost().toLowerCase(Locale.ROOT)) {
			case "[::1]" -> List.of(listen(ipv6, port));
			case "localhost" -> both(port, ipv4, ipv6);
			default -> List.of(either(port, ipv4, ipv6));
		};
		this.redirectUri = redirectUri(configured, this.servers.get(0).getAddress());
		// What a browser asks for where there is none.
		this.path = this.redirectUri.getRawPath().isEmpty() ? "/" : this.redirectUri.getRawPath();
	}

	private static boolean showsAnswer(LogRecord line) {
		Object[] parameters = (line.getParameters() != null) ? line.getParameters() : new Object[0];
		return Stream.concat(Stream.of(line.getMessage()), Stream.of(parameters))
			.anyMatch((text) -> ANSWER.matcher(String.valueOf(text)).find());
	}

	/**
	 * Binds the port; there is nothing at any path yet.
	 * @param provider whose redirect URI
	 * @return the listener
	 * @throws CodeLoginException naming {@code redirect-port} when the port is not free
	 */
	static LoopbackListener bind(Provider provider) {
		return bind(provider, IPV4, IPV6);
	}

	static LoopbackListener bind(Provider provider, byte[] ipv4, byte[] ipv6) {
		try {
			return new LoopbackListener(provider, ipv4, ipv6);
		}
		catch (IOException ex) {
			int port = Math.max(0, provider.redirectUri().getPort());
			String properties = "oauth2.pkce.providers." + provider.id();
			throw CodeLoginException.noListener((port != 0)
					? "Cannot listen on loopback port " + port + " (" + ex.getMessage() + "): free it, or set "
							+ properties + ".redirect-port to another port, or to 0 for any free one"
					: "Cannot listen on a loopback address (" + ex.getMessage() + "), not even with " + properties
							+ ".redirect-port=0",
					ex);
		}
	}

	/**
	 * RFC 8252 section 8.3: the literal, not the name {@code localhost}, which may be
	 * something else. The older address first: it is what providers know.
	 */
	private HttpServer either(int port, byte[] first, byte[] second) throws IOException {
		try {
			return listen(first, port);
		}
		catch (IOException ex) {
			// A port that is taken is no reason to leave the address: whoever took it
			// would get the redirect of every client that has only that one registered.
			if (port != 0 && exists(first)) {
				throw ex;
			}
			return listen(second, port);
		}
	}

	/**
	 * A browser tries either address for {@code localhost}, and one that is not ours
	 * could be somebody else's.
	 */
	private List<HttpServer> both(int port, byte[] ipv4, byte[] ipv6) throws IOException {
		if (!exists(ipv4) || !exists(ipv6)) {
			return List.of(listen(exists(ipv4) ? ipv4 : ipv6, port));
		}
		for (int attempt = 1;; attempt++) {
			HttpServer first = listen(ipv4, port);
			try {
				return List.of(first, listen(ipv6, first.getAddress().getPort()));
			}
			catch (BindException ex) {
				first.stop(0);
				if (port != 0 || attempt == ATTEMPTS) {
					throw ex;
				}
			}
		}
	}

	/** Runs at once: one that never ran does not give its port back. */
	private HttpServer listen(byte[] address, int port) throws IOException {
		HttpServer server = HttpServer.create(address(address, port), 0);
		server.setExecutor(this.threads);
		server.start();
		return server;
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

	private static URI redirectUri(URI configured, InetSocketAddress bound) {
		boolean ipv6 = bound.getAddress().getAddress().length == IPV6.length;
		String host = ("127.0.0.1".equals(configured.getHost()) && ipv6) ? "[::1]" : configured.getHost();
		String query = (configured.getRawQuery() != null) ? "?" + configured.getRawQuery() : "";
		return URI.create("http://" + host + ":" + bound.getPort() + configured.getRawPath() + query);
	}

	/**
	 * {@return the redirect URI of this login, with its port}
	 */
	URI redirectUri() {
		return this.redirectUri;
	}

	/**
	 * Starts to answer.
	 * @param callback gets the raw query of each {@code GET} of the exact path, on
	 * threads of its own; it may take its time
	 */
	void start(Function<@Nullable String, Callback> callback) {
		this.servers.forEach((server) -> server.createContext("/", (exchange) -> handle(exchange, callback)));
	}

	private void handle(HttpExchange exchange, Function<@Nullable String, Callback> callback) throws IOException {
		try (exchange) {
			URI uri = exchange.getRequestURI();
			if (!this.path.equals(uri.getRawPath())) {
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
		this.servers.forEach((server) -> server.stop(0));
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
