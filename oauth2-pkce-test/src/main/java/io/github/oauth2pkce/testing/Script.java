package io.github.oauth2pkce.testing;

import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/**
 * The answers that a test has prepared, used before the standing one of an endpoint.
 */
final class Script {

	private final Map<Endpoint, Queue<Answer>> queued = new EnumMap<>(Endpoint.class);

	private final Map<Endpoint, Answer> standing = new EnumMap<>(Endpoint.class);

	synchronized void enqueue(Endpoint endpoint, List<Answer> answers) {
		this.queued.computeIfAbsent(endpoint, (key) -> new ArrayDeque<>()).addAll(answers);
	}

	synchronized void always(Endpoint endpoint, Answer answer) {
		this.standing.put(endpoint, answer);
	}

	synchronized Answer next(Endpoint endpoint) {
		Queue<Answer> answers = this.queued.get(endpoint);
		Answer next = (answers != null) ? answers.poll() : null;
		return (next != null) ? next : this.standing.getOrDefault(endpoint, Answer.normally());
	}

}
