package io.github.oauth2pkce.configuration;

import org.jspecify.annotations.Nullable;

/** A property is wrong. Carries everything that a person needs to mend it. */
public final class InvalidPropertyException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String property;

	private final String action;

	/**
	 * Creates the exception.
	 * @param property the full path
	 * @param value the value, {@code null} when there is none or it is secret; a part of
	 * a URL that may be secret is not repeated
	 * @param problem what is wrong, as the end of a sentence that begins with the
	 * property
	 * @param action what to do, as a sentence
	 */
	public InvalidPropertyException(String property, @Nullable String value, String problem, String action) {
		super("The property " + property + PropertyText.quoted(value) + " " + problem + ".");
		this.property = property;
		this.action = action;
	}

	String property() {
		return this.property;
	}

	public String action() {
		return this.action;
	}

}
