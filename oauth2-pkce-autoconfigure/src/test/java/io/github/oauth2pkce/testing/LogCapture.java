package io.github.oauth2pkce.testing;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

import io.github.oauth2pkce.EventLog;

/**
 * Log events of a logger. Attached when the application has set its logging up, which
 * takes all appenders off.
 */
public final class LogCapture extends AppenderBase<ILoggingEvent> implements AutoCloseable {

	private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();

	private final String name;

	private final Level level;

	private @Nullable Logger logger;

	private LogCapture(String name, Level level) {
		this.name = name;
		this.level = level;
	}

	public void attach() {
		Logger logger = (Logger) LoggerFactory.getLogger(this.name);
		logger.setLevel(this.level);
		setContext(logger.getLoggerContext());
		start();
		logger.addAppender(this);
		this.logger = logger;
	}

	public static LogCapture of(Class<?> type, Level level) {
		return of(type.getName(), level);
	}

	public static LogCapture of(String name, Level level) {
		return new LogCapture(name, level);
	}

	/** Of the logger of all events. */
	public static LogCapture ofEvents(Level level) {
		return of(EventLog.LOGGER, level);
	}

	@Override
	protected void append(ILoggingEvent event) {
		this.events.add(event);
	}

	public List<ILoggingEvent> events() {
		return this.events;
	}

	/** The events of a name, by the key that Boot's structured logging makes a field. */
	public List<ILoggingEvent> events(String name) {
		return this.events.stream().filter((event) -> name.equals(pairs(event).get(EventLog.KEY))).toList();
	}

	public static Map<String, @Nullable Object> pairs(ILoggingEvent event) {
		Map<String, @Nullable Object> pairs = new LinkedHashMap<>();
		List<KeyValuePair> list = event.getKeyValuePairs();
		if (list != null) {
			list.forEach((pair) -> pairs.put(pair.key, pair.value));
		}
		return pairs;
	}

	@Override
	public void close() {
		if (this.logger != null) {
			this.logger.detachAppender(this);
			this.logger.setLevel(null);
		}
	}

}
