package io.github.oauth2pkce.refresh;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

import io.github.oauth2pkce.Listeners;

/**
 * What happened to one credential and the listeners have not been told yet: it is written
 * down where it happens, and sent once the locks are released and the callers have their
 * answer. Thread-safe.
 */
final class Events {

	private final Listeners<RefreshListener> listeners;

	private final Queue<Consumer<RefreshListener>> happened = new ConcurrentLinkedQueue<>();

	Events(Listeners<RefreshListener> listeners) {
		this.listeners = listeners;
	}

	void add(Consumer<RefreshListener> event) {
		this.happened.add(event);
	}

	/** Sends what happened, and lets somebody answer the callers on the way. */
	void sendAround(Runnable answer) {
		List<Consumer<RefreshListener>> events = new ArrayList<>();
		for (Consumer<RefreshListener> event = this.happened.poll(); event != null; event = this.happened.poll()) {
			events.add(event);
		}
		this.listeners.tell(events, answer);
	}

	/** Sends what happened; nobody waits for an answer. */
	void send() {
		sendAround(() -> {
		});
	}

}
