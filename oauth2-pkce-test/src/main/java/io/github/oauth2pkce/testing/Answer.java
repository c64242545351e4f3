package io.github.oauth2pkce.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import org.jspecify.annotations.Nullable;

/**
 * One answer of the server: either fixed, or {@link #normally() whatever it would say},
 * and in both cases possibly late or cut off. Immutable.
 *
 * @param processed whether the server does its work and its own answer is used; then
 * status and body here mean nothing, headers are added
 * @param processAfter if not null, nothing happens before this opens
 * @param answerAfter if not null, the work is done but its answer is held until this
 * opens
 * @param delay wall-clock time before answering
 */
public record Answer(boolean processed, int status, Map<String, List<String>> headers, String body,
		@Nullable CountDownLatch processAfter, @Nullable CountDownLatch answerAfter, Duration delay, Cut cut) {

	/**
	 * Where the connection is closed without warning.
	 */
	public enum Cut {

		NEVER, BEFORE_HEADERS, IN_BODY

	}

	public static Answer normally() {
		return new Answer(true, 200, Map.of(), "", null, null, Duration.ZERO, Cut.NEVER);
	}

	public static Answer status(int status) {
		return new Answer(false, status, Map.of(), "", null, null, Duration.ZERO, Cut.NEVER);
	}

	public static Answer text(int status, String contentType, String body) {
		return new Answer(false, status, Map.of("Content-Type", List.of(contentType)), body, null, null, Duration.ZERO,
				Cut.NEVER);
	}

	public static Answer json(int status, String body) {
		return text(status, "application/json", body);
	}

	public static Answer json(int status, Map<String, ?> members) {
		return json(status, Json.write(members));
	}

	/**
	 * An RFC 6749 section 5.2 error.
	 */
	public static Answer error(int status, String error, @Nullable String description) {
		Map<String, String> members = new LinkedHashMap<>();
		members.put("error", error);
		if (description != null) {
			members.put("error_description", description);
		}
		return json(status, members);
	}

	public static Answer redirect(String location) {
		return status(302).withHeader("Location", location);
	}

	/**
	 * The connection ends and the server has done nothing.
	 */
	public static Answer connectionClosed() {
		return status(200).dropped();
	}

	public Answer withHeader(String name, String value) {
		Map<String, List<String>> headers = new LinkedHashMap<>(this.headers);
		headers.merge(name, List.of(value), (present, added) -> {
			List<String> values = new ArrayList<>(present);
			values.addAll(added);
			return values;
		});
		return new Answer(this.processed, this.status, headers, this.body, this.processAfter, this.answerAfter,
				this.delay, this.cut);
	}

	public Answer processedAfter(CountDownLatch latch) {
		return new Answer(this.processed, this.status, this.headers, this.body, latch, this.answerAfter, this.delay,
				this.cut);
	}

	public Answer answeredAfter(CountDownLatch latch) {
		return new Answer(this.processed, this.status, this.headers, this.body, this.processAfter, latch, this.delay,
				this.cut);
	}

	public Answer delayed(Duration delay) {
		return new Answer(this.processed, this.status, this.headers, this.body, this.processAfter, this.answerAfter,
				delay, this.cut);
	}

	/**
	 * The work is done, if any, but the client never hears of it.
	 */
	public Answer dropped() {
		return cut(Cut.BEFORE_HEADERS);
	}

	/**
	 * The connection ends after half of the announced body.
	 */
	public Answer cutInBody() {
		return cut(Cut.IN_BODY);
	}

	private Answer cut(Cut cut) {
		return new Answer(this.processed, this.status, this.headers, this.body, this.processAfter, this.answerAfter,
				this.delay, cut);
	}

}
