package io.github.oauth2pkce;

import java.util.Map;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Where log events are written: sentences with key/value pairs, which Boot's structured
 * logging makes JSON fields. One logger for all of them, {@value #LOGGER}, whatever class
 * writes the line. Thread-safe.
 */
public final class EventLog {

	/** The logger of all events. */
	public static final String LOGGER = "io.github.oauth2pkce";

	/** Holds the event's name. Not {@code event}, which belongs to ECS. */
	public static final String KEY = "oauth2_event";

	private static final String PREFIX = "oauth2_";

	private static final Logger logger = LoggerFactory.getLogger(LOGGER);

	private static volatile Predicate<String> taken = (name) -> false;

	private EventLog() {
	}

	/**
	 * Says which names the application's own log format has taken: Boot drops a line that
	 * has a name twice. Global, as logging is.
	 * @param names tests a name; asked for each pair
	 */
	public static void taken(Predicate<String> names) {
		taken = names;
	}

	/**
	 * Whether debug events are written: asked before one is made for every request.
	 * @return whether they are
	 */
	public static boolean isDebugEnabled() {
		return logger.isDebugEnabled();
	}

	/**
	 * Begins an event of a provider.
	 * @param level how important
	 * @param name the event's name, {@code oauth2_…}
	 * @param providerId the provider
	 * @return takes more pairs and the sentence
	 */
	public static Event at(Level level, String name, String providerId) {
		return at(level, name).with("provider", providerId);
	}

	/**
	 * Begins an event.
	 * @param level how important
	 * @param name the event's name, {@code oauth2_…}
	 * @return takes more pairs and the sentence
	 */
	public static Event at(Level level, String name) {
		LoggingEventBuilder line = logger.isEnabledForLevel(level) ? logger.atLevel(level).addKeyValue(KEY, name)
				: null;
		return new Event(line, (line != null) ? MDC.getCopyOfContextMap() : null);
	}

	/** A line in the making. */
	public static final class Event {

		private final @Nullable LoggingEventBuilder line;

		private final @Nullable Map<String, String> context;

		private Event(@Nullable LoggingEventBuilder line, @Nullable Map<String, String> context) {
			this.line = line;
			this.context = context;
		}

		/**
		 * Adds a pair; as {@code oauth2_<key>} where the application has a field of that
		 * name itself.
		 * @param key the name
		 * @param value the value
		 * @return this event
		 */
		public Event with(String key, @Nullable Object value) {
			if (this.line != null) {
				this.line.addKeyValue(isTaken(key) ? PREFIX + key : key, value);
			}
			return this;
		}

		/** ECS makes objects of names with dots: {@code error.id} has {@code error}. */
		private boolean isTaken(String key) {
			return taken.test(key) || (this.context != null && this.context.keySet()
				.stream()
				.anyMatch((name) -> name.equals(key) || name.startsWith(key + ".")));
		}

		/**
		 * Writes the line.
		 * @param sentence with a {@code {}} for each argument
		 * @param arguments what goes there
		 */
		public void log(String sentence, @Nullable Object... arguments) {
			if (this.line != null) {
				this.line.log(sentence, arguments);
			}
		}

	}

}
