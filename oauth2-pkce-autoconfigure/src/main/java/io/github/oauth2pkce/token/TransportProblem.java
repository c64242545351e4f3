package io.github.oauth2pkce.token;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

import io.github.oauth2pkce.ServerText;

import org.springframework.core.NestedExceptionUtils;

/**
 * What kept a request from its answer, in a few words. Spring wraps every failure alike,
 * and each HTTP client wraps it once more; the one that a person can act on is below.
 */
final class TransportProblem {

	/**
	 * Those whose words are repeated, which are of names, connections and certificates.
	 * Others quote what they could not read, and that may be an answer with tokens.
	 */
	private static final List<Class<? extends IOException>> TELLING = List.of(UnknownHostException.class,
			SSLHandshakeException.class, SSLException.class, ConnectException.class, SocketException.class);

	private TransportProblem() {
	}

	static String of(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			for (Class<?> kind : TELLING) {
				// Clients throw subclasses of their own, with names that nobody knows.
				if (kind.isInstance(cause)
						&& !(cause instanceof SSLException && cause.getCause() instanceof SocketException)) {
					return kind.getSimpleName() + words(cause);
				}
			}
			// By name, Netty is not always there: what its own sockets on Linux throw.
			if ("NativeIoException".equals(cause.getClass().getSimpleName())) {
				return "SocketException" + words(cause);
			}
		}
		return name(failure);
	}

	private static String words(Throwable cause) {
		String message = cause.getMessage();
		if (message != null) {
			return ": " + ServerText.printable(message, 200);
		}
		// The JDK's client says no word: but UnresolvedAddressException is one.
		return (cause.getCause() != null) ? ": " + name(cause) : "";
	}

	private static String name(Throwable failure) {
		return NestedExceptionUtils.getMostSpecificCause(failure).getClass().getSimpleName();
	}

}
