package io.github.oauth2pkce.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ServerText;

/**
 * Why something failed, in the words of whoever knows it best (the operating system, the
 * database, Redis), and what to do where that is known.
 */
final class Reasons {

	private static final int LONGEST = 300;

	/** By what the operating system says in English. */
	private static final Map<String, String> FILES = new LinkedHashMap<>();

	/** By SQL state. */
	private static final Map<String, String> STATES = new LinkedHashMap<>();

	/** By the first word of an error of Redis. */
	private static final Map<String, String> CODES = new LinkedHashMap<>();

	/** Scripts have the errors of their commands behind some words of their own. */
	private static final Pattern REDIS_CODE = Pattern.compile("(?:^|(?<= -))([A-Z]+) ");

	static {
		FILES.put("No space left on device", "make room there");
		FILES.put("Disk quota exceeded", "make room there");
		FILES.put("Read-only file system", "mount it writable, or choose another directory");
		FILES.put("Permission denied", "give it to the user that this application runs as");
		FILES.put("Operation not permitted", "give it to the user that this application runs as");
		FILES.put("Input/output error", "have a look at that disk");
		FILES.put("Too many open files", "raise the limit of this process");

		String tables = "run schema-<database>.sql, see oauth2.pkce.store.jdbc.initialize-schema";
		STATES.put("42P01", tables);
		STATES.put("42S02", tables);
		STATES.put("42S04", tables);
		STATES.put("42703", tables);
		STATES.put("42S22", tables);
		STATES.put("42501", "grant select, insert, update and delete on oauth2_pkce_credential and oauth2_pkce_lock");
		STATES.put("25006", "connect to the server that takes writes");
		STATES.put("53100", "make room for the database");

		CODES.put("NOAUTH", "set spring.data.redis.password");
		CODES.put("WRONGPASS", "correct spring.data.redis.username and spring.data.redis.password");
		CODES.put("NOPERM", "allow this user the commands that docs/stores.md lists, on oauth2-pkce:*");
		CODES.put("READONLY", "connect to the master: this is a replica");
		CODES.put("OOM", "give this Redis more memory");
		CODES.put("MISCONF", "make this Redis able to write to its disk");
		CODES.put("NOREPLICAS", "start the replicas that this Redis waits for");
		CODES.put("MASTERDOWN", "wait for its master, or connect to that");
		CODES.put("CLUSTERDOWN", "mend the cluster");
		CODES.put("LOADING", "wait: this Redis has just started");
		CODES.put("BUSY", "wait for the script that keeps this Redis busy");
	}

	private Reasons() {
	}

	/** For instance {@code No space left on device: make room there}. */
	static String of(IOException failure) {
		String words = printable(words(failure), failure);
		return advised(words, FILES, words);
	}

	private static @Nullable String words(IOException failure) {
		if (!(failure instanceof FileSystemException known)) {
			return failure.getMessage();
		}
		if (known.getReason() != null) {
			return known.getReason();
		}
		if (known instanceof AccessDeniedException) {
			return "Permission denied";
		}
		if (known instanceof NoSuchFileException) {
			return "No such file or directory";
		}
		if (known instanceof NotDirectoryException) {
			return "Not a directory";
		}
		return (known instanceof FileAlreadyExistsException) ? known.getFile() + " is no directory" : null;
	}

	/** The database's own words, below those of pools and of Spring. */
	static String ofDatabase(Throwable failure) {
		SQLException deepest = null;
		Throwable last = failure;
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			last = cause;
			deepest = (cause instanceof SQLException sql) ? sql : deepest;
		}
		if (deepest == null) {
			return printable(last.getMessage(), last);
		}
		// An address may have a password in it.
		String message = deepest.getMessage();
		String words = printable((message != null) ? message.replaceAll("jdbc:\\S+", "jdbc:…") : null, deepest);
		String state = deepest.getSQLState();
		if (words.contains("read-only") || words.contains("read only")) {
			return words + ": " + STATES.get("25006");
		}
		String advice = (state != null) ? STATES.get(state) : null;
		return (advice != null) ? words + ": " + advice : words;
	}

	/** Redis's own words, below those of drivers and of Spring. */
	static String ofRedis(Throwable failure) {
		Throwable last = failure;
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			last = cause;
			String words = Objects.requireNonNullElse(cause.getMessage(), "");
			Matcher code = REDIS_CODE.matcher(words);
			while (code.find()) {
				String advice = CODES.get(code.group(1));
				if (advice != null) {
					return printable(words.substring(code.start()), cause) + ": " + advice;
				}
			}
		}
		return printable(last.getMessage(), last);
	}

	private static String advised(String words, Map<String, String> advice, String text) {
		return advice.entrySet()
			.stream()
			.filter((entry) -> text.contains(entry.getKey()))
			.findFirst()
			.map((entry) -> words + ": " + entry.getValue())
			.orElse(words);
	}

	/** One line, however much a server has to say. */
	private static String printable(@Nullable String words, Throwable failure) {
		if (words == null || words.isBlank()) {
			return failure.getClass().getSimpleName();
		}
		String text = ServerText.printable(words.strip().replaceFirst("(?s)\\R.*", ""), LONGEST);
		return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
	}

}
