package io.github.oauth2pkce.code;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.oauth2pkce.code.LoopbackListener.Reply;

/**
 * Where a login begins: an address of this machine that sends a browser on to the
 * authorization server, and gives it a cookie that it has to bring back with the answer.
 * So the login is bound to one browser (RFC 9700 section 2.1, RFC 6749 section 10.12),
 * and the address that is printed, and that every account of the machine can read among
 * the arguments of the browser's command, has neither {@code state} nor challenge in it.
 * It works once: whoever comes second, with another browser, shows that there are two.
 * Thread-safe.
 */
final class StartPage {

	private final String path = "/" + Random.value();

	/** Cookies know no ports: logins that run at once have names of their own. */
	private final String cookieName = "oauth2-pkce-" + Random.value();

	private final String cookieValue = Random.value();

	private final URI redirectUri;

	private final Supplier<URI> authorizationRequest;

	private final boolean pushed;

	private final AtomicBoolean moved = new AtomicBoolean();

	private final AtomicBoolean opened = new AtomicBoolean();

	private volatile boolean sent;

	/**
	 * Creates the page.
	 * @param redirectUri where the cookie has to come back; the page is on the same host,
	 * because cookies are per host
	 * @param authorizationRequest gives where the browser is sent, each time that it is
	 * @param pushed whether that takes a while: whoever reloads meanwhile has to be known
	 */
	StartPage(URI redirectUri, Supplier<URI> authorizationRequest, boolean pushed) {
		this.redirectUri = redirectUri;
		this.authorizationRequest = authorizationRequest;
		this.pushed = pushed;
	}

	String path() {
		return this.path;
	}

	/**
	 * {@return the address to print and to open}
	 */
	URI uri() {
		return this.redirectUri.resolve(this.path);
	}

	/**
	 * Sends a browser on.
	 * @param hit the request
	 * @param second what to do with a second browser, or another program
	 */
	Reply open(Hit hit, Supplier<Reply> second) {
		if (hit.isPrefetch()) {
			// Not 2xx: the browser asks again when the person does open the page.
			return new Reply(CallbackPage.ignored(503, "This page is not there to be loaded in advance"));
		}
		if (isOtherName(hit) && this.moved.compareAndSet(false, true)) {
			// As by tools that forward a port under the name localhost.
			return redirect(uri());
		}
		if (isSameBrowser(hit)) {
			// Back, reload, or the printed line after all.
			return redirect(authorizationRequest());
		}
		if (!this.opened.compareAndSet(false, true)) {
			return second.get();
		}
		return redirect(this.pushed ? uri() : authorizationRequest()).with("Set-Cookie", cookies(this.cookieValue, ""));
	}

	private URI authorizationRequest() {
		URI request = this.authorizationRequest.get();
		this.sent = true;
		return request;
	}

	/** Whether a browser was sent on, so that an answer may be under way. */
	boolean isSent() {
		return this.sent;
	}

	boolean isOpened() {
		return this.opened.get();
	}

	private boolean isOtherName(Hit hit) {
		String host = hit.host();
		return host != null
				&& !host.toLowerCase(Locale.ROOT).equals(this.redirectUri.getHost().toLowerCase(Locale.ROOT));
	}

	/** Whether a request comes from the browser that opened the page. */
	boolean isSameBrowser(Hit hit) {
		return hit.hasCookie(this.cookieName, this.cookieValue);
	}

	/**
	 * {@return the values of a header that makes the browser forget}
	 */
	List<String> forget() {
		return cookies("", "; Max-Age=0");
	}

	/**
	 * One for each of the two pages, rather than for all of the host: other servers of
	 * this machine share it. Lax, because the answer is a navigation that another site
	 * begins; not Secure, because this is plain http to this machine; and without an age,
	 * by which Java's own client would know a cookie of 1997, whose value it quotes.
	 */
	private List<String> cookies(String value, String end) {
		String callback = this.redirectUri.getRawPath();
		// The attribute would end at a semicolon.
		boolean writable = !callback.isEmpty() && callback.indexOf(';') < 0;
		return Stream.of(this.path, writable ? callback : "/")
			.map((path) -> this.cookieName + "=" + value + "; Path=" + path + end + "; HttpOnly; SameSite=Lax")
			.toList();
	}

	private static Reply redirect(URI uri) {
		return new Reply(new CallbackPage(302, "Log in", "Your browser goes on to the page to log in at."))
			.with("Location", List.of(uri.toASCIIString()));
	}

	/** The address gives the login to whoever opens it first. */
	@Override
	public String toString() {
		return "StartPage";
	}

}
