package io.github.oauth2pkce.configuration;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Where the file store is: by the XDG base directory specification, with state that
 * outlives a restart.
 */
public final class StoreDirectory {

	/** The name of an application that has none. */
	public static final String NAMELESS = "application";

	private StoreDirectory() {
	}

	/**
	 * The directory of this application.
	 * @param configured what the property says, may be empty
	 * @param environment has the name of the application
	 * @throws InvalidPathException when it is none
	 * @throws NoHomeException when it would be below the home directory of a user who has
	 * none
	 */
	public static Path of(@Nullable String configured, Environment environment) {
		if (StringUtils.hasText(configured)) {
			// No shell has seen it.
			return configured.startsWith("~/") ? home().resolve(configured.substring(2)) : Path.of(configured);
		}
		String state = environment.getProperty("XDG_STATE_HOME");
		// A relative path is to be ignored, says the specification.
		Path base = (StringUtils.hasText(state) && Path.of(state).isAbsolute()) ? Path.of(state)
				: home().resolve(".local").resolve("state");
		return base.resolve("oauth2-pkce").resolve(name(environment.getProperty("spring.application.name")));
	}

	/**
	 * Java calls the home of a user whom the system does not know {@code ?}, which would
	 * be a directory below the working directory.
	 */
	private static Path home() {
		String home = System.getProperty("user.home");
		if (!StringUtils.hasText(home)) {
			throw new NoHomeException();
		}
		Path path = Path.of(home);
		if (!path.isAbsolute() || path.getNameCount() == 0) {
			throw new NoHomeException();
		}
		return path;
	}

	/** Names that differ only in what no path should have are different names still. */
	private static String name(@Nullable String application) {
		if (!StringUtils.hasText(application)) {
			return NAMELESS;
		}
		String name = application.replaceAll("[^A-Za-z0-9._-]", "_");
		if (name.equals(application)) {
			return name.matches("\\.+") ? NAMELESS : name;
		}
		return name + "-"
				+ UUID.nameUUIDFromBytes(application.getBytes(StandardCharsets.UTF_8)).toString().substring(0, 8);
	}

	/** The user of this process has no home directory. */
	public static final class NoHomeException extends RuntimeException {

		private static final long serialVersionUID = 1L;

	}

}
