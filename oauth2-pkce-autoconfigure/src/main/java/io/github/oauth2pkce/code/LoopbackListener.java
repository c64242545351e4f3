package io.github.oauth2pkce.code;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import io.github.oauth2pkce.Provider;

/**
 * Listens for one login's redirect (RFC 8252 section 7.3), on a loopback address and for
 * as long as the login is open, no longer.
 */
final class LoopbackListener implements AutoCloseable {

	/** More than a browser opens at once. */
	private static final int CONNECTIONS = 32;

	/** How often to look for a port that is free on both addresses. */
	private static final int ATTEMPTS = 5;

	/**
	 * The JDK's server logs request lines, and ours have code and state in them, or the
	 * path of the start page. Held here, because a logger that nobody holds is forgotten,
	 * and its filter with it. Where System.Logger does not end at java.util.logging, no
	 * filter of ours is asked: docs/security.md says what to do then.
	 */
	private static final Logger SERVER_LOG = Logger.getLogger("com.sun.net.httpserver");

	/** The start page's path, or the query of an answer. */
	private static final Pattern SECRET = Pattern.compile("/[A-Za-z0-9_-]{43}\\b|[?&](code|state|error)=");

	static {
		Filter others = SERVER_LOG.getFilter();
		SERVER_LOG.setFilter((line) -> !showsSecret(line) && (others == null || others.isLoggable(line)));
	}

	static final byte[] IPV4 = { 127, 0, 0, 1 };

	static final byte[] IPV6 = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };

	private final List<HttpServer> servers;

	private final URI redirectUri;

	private final String path;

	private final Connections connections;

	private LoopbackListener(Provider provider, byte[] ipv4, byte[] ipv6) throws IOException {
		this.connections = new Connections("oauth2-callback-" + provider.id());
		URI configured = provider.login().redirectUri();
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

	private static boolean showsSecret(LogRecord line) {
		Object[] parameters = (line.getParameters() != null) ? line.getParameters() : new Object[0];
		return Stream.concat(Stream.of(line.getMessage()), Stream.of(parameters))
			.anyMatch((text) -> SECRET.matcher(String.valueOf(text)).find());
	}

	/**
	 * Binds the port; there is nothing at any path yet.
	 * @param provider the provider
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
			int port = Math.max(0, provider.login().redirectUri().getPort());
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
		server.setExecutor(this.connections);
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
	 * {@return the path of the redirect URI, as a browser asks for it}
	 */
	String path() {
		return this.path;
	}

	/**
	 * Starts to answer.
	 * @param pages by path, what answers each {@code GET}, on threads of its own
	 */
	void start(Map<String, Function<Hit, Reply>> pages) {
		this.servers.forEach((server) -> server.createContext("/", (exchange) -> handle(exchange, pages)));
	}

	private void handle(HttpExchange exchange, Map<String, Function<Hit, Reply>> pages) throws IOException {
		try (exchange) {
			URI uri = exchange.getRequestURI();
			Function<Hit, Reply> page = pages.get(String.valueOf(uri.getRawPath()));
			if (page == null) {
				send(exchange, CallbackPage.ignored(404, "There is nothing here"));
			}
			else if (!"GET".equals(exchange.getRequestMethod())) {
				exchange.getResponseHeaders().set("Allow", "GET");
				send(exchange, CallbackPage.ignored(405, "Only GET is answered"));
			}
			else {
				answer(exchange, page.apply(new Hit(uri.getRawQuery(), exchange.getRequestHeaders())));
			}
		}
	}

	private void answer(HttpExchange exchange, Reply reply) throws IOException {
		try {
			if (!reply.page().isDone()) {
				this.connections.stay();
			}
			CallbackPage page = reply.page().join();
			exchange.getResponseHeaders().putAll(reply.headers());
			send(exchange, page);
		}
		finally {
			exchange.close();
			reply.delivered().run();
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
		this.connections.close();
	}

	/**
	 * How a hit is answered.
	 *
	 * @param page the page; the browser waits for it
	 * @param headers headers beside those that every page has
	 * @param delivered is told when the page was written, or could not be
	 */
	record Reply(CompletableFuture<CallbackPage> page, Map<String, List<String>> headers, Runnable delivered) {

		Reply(CallbackPage page) {
			this(CompletableFuture.completedFuture(page), Map.of(), () -> {
			});
		}

		Reply with(String header, List<String> values) {
			Map<String, List<String>> headers = new HashMap<>(this.headers);
			headers.put(header, values);
			return new Reply(this.page, headers, this.delivered);
		}

		/** Its headers have the cookie of the login, or its state. */
		@Override
		public String toString() {
			return "Reply" + this.headers.keySet();
		}

	}

	/**
	 * A thread for each connection that sends something, until it is answered. Any
	 * program of this machine can begin requests and not end them: whoever has been at it
	 * longest gives way to who comes next, so that they keep nobody out.
	 */
	private static final class Connections implements Executor {

		private final String name;

		private final Deque<Thread> unanswered = new ArrayDeque<>();

		Connections(String name) {
			this.name = name;
		}

		@Override
		public void execute(Runnable task) {
			Thread thread = new Thread(() -> {
				try {
					task.run();
				}
				finally {
					leave();
				}
			}, this.name);
			thread.setDaemon(true);
			synchronized (this.unanswered) {
				if (this.unanswered.size() == CONNECTIONS) {
					// Its channel closes with that.
					this.unanswered.remove().interrupt();
				}
				this.unanswered.add(thread);
			}
			try {
				thread.start();
			}
			catch (Error ex) {
				// No more threads: an Error would end the server's own, which takes every
				// connection.
				synchronized (this.unanswered) {
					this.unanswered.remove(thread);
				}
				throw new RejectedExecutionException(ex);
			}
		}

		/** The answer to the login waits for its end, and gives way to nobody. */
		void stay() {
			leave();
			Thread.interrupted();
		}

		private void leave() {
			synchronized (this.unanswered) {
				this.unanswered.remove(Thread.currentThread());
			}
		}

		void close() {
			synchronized (this.unanswered) {
				this.unanswered.forEach(Thread::interrupt);
			}
		}

	}

}
