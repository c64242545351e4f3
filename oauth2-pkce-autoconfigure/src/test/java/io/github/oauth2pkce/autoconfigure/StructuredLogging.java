package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.EventLog;

import org.springframework.boot.logging.LoggingInitializationContext;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.logging.LoggingSystemProperty;
import org.springframework.core.env.StandardEnvironment;

/** Boot's JSON formats, which stay in force for whatever the JVM runs next. */
final class StructuredLogging {

	private StructuredLogging() {
	}

	/** Log as before an application chose one. */
	static void end() {
		System.clearProperty(LoggingSystemProperty.CONSOLE_STRUCTURED_FORMAT.getEnvironmentVariableName());
		LoggingSystem system = LoggingSystem.get(StructuredLogging.class.getClassLoader());
		system.cleanUp();
		system.initialize(new LoggingInitializationContext(new StandardEnvironment()), null, null);
		// Else the next application would not initialize it.
		system.cleanUp();
		EventLog.taken((name) -> false);
	}

}
