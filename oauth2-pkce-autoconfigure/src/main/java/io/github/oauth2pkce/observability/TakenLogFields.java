package io.github.oauth2pkce.observability;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.AppenderAttachable;
import org.slf4j.event.KeyValuePair;

import io.github.oauth2pkce.EventLog;

/**
 * Which fields a line of the application's own has already, by
 * {@code logging.structured.json.add}, {@code rename} or a customizer. A line that has
 * one twice is an exception in Boot's formats, and Logback drops it without a word. So
 * each name is tried once, on a line that is written nowhere. Thread-safe.
 */
public final class TakenLogFields implements Predicate<String> {

	private final LoggerContext context;

	private final Map<String, Boolean> tried = new ConcurrentHashMap<>();

	/**
	 * Creates the test; tries nothing yet.
	 * @param context the context of the appenders
	 */
	public TakenLogFields(LoggerContext context) {
		this.context = context;
	}

	@Override
	public boolean test(String name) {
		return this.tried.computeIfAbsent(name, this::isTaken);
	}

	private boolean isTaken(String name) {
		return encoders().stream().anyMatch((encoder) -> isRefused(encoder, name));
	}

	private boolean isRefused(Encoder<ILoggingEvent> encoder, String name) {
		if (isRefused(encoder, List.of(EventLog.KEY, name))) {
			// Boot 4.1.0 keeps the half that was written, and puts it before the next
			// line of this thread: let that be one that is written nowhere.
			isRefused(encoder, List.of());
			return true;
		}
		return false;
	}

	private boolean isRefused(Encoder<ILoggingEvent> encoder, List<String> names) {
		LoggingEvent event = new LoggingEvent(EventLog.class.getName(), this.context.getLogger(EventLog.LOGGER),
				Level.INFO, "A line that is written nowhere", null, null);
		event.setMDCPropertyMap(Map.of());
		names.forEach((name) -> event.addKeyValuePair(new KeyValuePair(name, "none")));
		try {
			encoder.encode(event);
			return false;
		}
		catch (RuntimeException ex) {
			return true;
		}
	}

	private List<Encoder<ILoggingEvent>> encoders() {
		List<Encoder<ILoggingEvent>> encoders = new ArrayList<>();
		for (Logger logger : this.context.getLoggerList()) {
			addEncoders(logger, encoders);
		}
		return encoders;
	}

	private static void addEncoders(AppenderAttachable<ILoggingEvent> appenders,
			List<Encoder<ILoggingEvent>> encoders) {
		for (Iterator<Appender<ILoggingEvent>> i = appenders.iteratorForAppenders(); i.hasNext();) {
			Appender<ILoggingEvent> appender = i.next();
			if (appender instanceof OutputStreamAppender<ILoggingEvent> writer && writer.getEncoder() != null) {
				encoders.add(writer.getEncoder());
			}
			if (appender instanceof AppenderAttachable<?>) {
				@SuppressWarnings("unchecked")
				AppenderAttachable<ILoggingEvent> behind = (AppenderAttachable<ILoggingEvent>) appender;
				addEncoders(behind, encoders);
			}
		}
	}

}
