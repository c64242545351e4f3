package io.github.oauth2pkce.token;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ServerText;

/**
 * What kept a request from its answer, in words for a person. Spring wraps every failure
 * alike, and each HTTP client wraps it once more; the one that a person can act on is
 * below. Messages are repeated of names, connections and certificates only: others quote
 * what they could not read, and that may be an answer with tokens.
 */
final class TransportProblem {

	/** As operating systems say it, with addresses and numbers around. */
	private static final Pattern OF_SOCKETS = Pattern.compile("Connection refused|Connection reset|Connection timed out"
			+ "|No route to host|Network is unreachable|Host is unreachable|Broken pipe|Too many open files");

	private static final Pattern PROXY_STATUS = Pattern.compile("status: (\\d{3}[ -~]{0,80})");

	private TransportProblem() {
	}

	/**
	 * Describes a failure.
	 * @param failure what was thrown
	 * @param answering whether the answer had begun
	 * @return a part of a sentence
	 */
	static String of(Throwable failure, boolean answering) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			String words = words(cause);
			if (words != null) {
				return words;
			}
		}
		return answering ? "its answer broke off, or cannot be read" : "no answer that can be read";
	}

	/**
	 * Whether a request has failed before anything of it was sent.
	 * @param failure what was thrown
	 * @return {@code false} when the server may have read it
	 */
	static boolean isBeforeRequest(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			String name = cause.getClass().getSimpleName();
			if (cause instanceof ConnectException || cause instanceof UnknownHostException
					|| cause instanceof NoRouteToHostException || cause instanceof UnresolvedAddressException
					|| cause instanceof SSLHandshakeException || name.contains("ConnectTimeout")
					|| name.startsWith("PoolAcquire")) {
				return true;
			}
		}
		return false;
	}

	private static @Nullable String words(Throwable cause) {
		String message = (cause.getMessage() != null) ? ServerText.printable(cause.getMessage(), 200) : "";
		// By name where each HTTP client has its own, and none is always there.
		String name = cause.getClass().getSimpleName();
		if (name.endsWith("ProxyConnectException")) {
			return ofProxy(message);
		}
		if (name.contains("ConnectTimeout")) {
			return "no connection in time";
		}
		if (name.endsWith("TimeoutException") && !(cause instanceof SSLException)) {
			return "no answer in time";
		}
		if ("PrematureCloseException".equals(name)) {
			return message.contains("DURING") ? "the connection was closed in the middle of the answer"
					: "the connection was closed before the answer";
		}
		if (name.endsWith("ClosedChannelException")) {
			return "the connection was closed";
		}
		if ("RedirectNotFollowedException".equals(name)) {
			return "it was answered with a redirect, which is not followed";
		}
		if (cause instanceof UnknownHostException) {
			return "unknown host" + after(message);
		}
		if (cause instanceof UnresolvedAddressException) {
			return "unknown host";
		}
		if (cause instanceof InterruptedException) {
			return "interrupted";
		}
		if (cause instanceof SSLException) {
			// A proxy that wants a password breaks the handshake, and says so below.
			String below = (cause.getCause() != null) ? ofProxyBelow(cause.getCause()) : null;
			return (below != null) ? below : "no TLS connection" + after(message);
		}
		if (cause instanceof SocketException || "NativeIoException".equals(name)) {
			Matcher known = OF_SOCKETS.matcher(message);
			if (known.find()) {
				return known.group();
			}
			return (message.isEmpty() && isUnresolved(cause)) ? "unknown host" : "no connection" + after(message);
		}
		return null;
	}

	/** The JDK's client has no words of its own for it. */
	private static boolean isUnresolved(@Nullable Throwable failure) {
		return failure instanceof UnresolvedAddressException || (failure != null && isUnresolved(failure.getCause()));
	}

	private static @Nullable String ofProxyBelow(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause.getClass().getSimpleName().endsWith("ProxyConnectException")) {
				return words(cause);
			}
		}
		return null;
	}

	private static String ofProxy(String message) {
		Matcher status = PROXY_STATUS.matcher(message);
		if (!status.find()) {
			return "no connection through the proxy" + after(message);
		}
		return (status.group(1).startsWith("407") ? "the proxy wants a user name and password: "
				: "the proxy refused the connection: ") + status.group(1);
	}

	private static String after(String message) {
		return message.isEmpty() ? "" : ": " + message;
	}

}
