package io.github.oauth2pkce.login;

import java.util.List;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All login listeners; what one of them throws is its own affair. Thread-safe. */
final class LoginListeners {

	private static final Logger logger = LoggerFactory.getLogger(Logins.class);

	private final List<LoginListener> listeners;

	LoginListeners(List<LoginListener> listeners) {
		this.listeners = List.copyOf(listeners);
	}

	void tell(Consumer<LoginListener> event) {
		for (LoginListener listener : this.listeners) {
			try {
				event.accept(listener);
			}
			catch (RuntimeException | Error ex) {
				logger.warn("A login listener failed", ex);
			}
		}
	}

}
