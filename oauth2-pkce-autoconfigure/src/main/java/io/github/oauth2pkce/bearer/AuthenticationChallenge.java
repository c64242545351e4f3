package io.github.oauth2pkce.bearer;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One challenge of a {@code WWW-Authenticate} value (RFC 9110 section 11.6.1).
 *
 * @param scheme the authentication scheme, in any case
 * @param parameters its parameters in order, repeated ones and malformed ones included;
 * without its token68, which no scheme of interest has
 */
record AuthenticationChallenge(String scheme, List<Parameter> parameters) {

	/**
	 * A parameter of a challenge.
	 *
	 * @param name in lower case
	 * @param value unquoted, {@link #MALFORMED} when it is neither token nor quoted
	 * string
	 */
	record Parameter(String name, String value) {

	}

	/** A parameter, its quotes whichever a server takes. */
	private static final Pattern PARAMETER = Pattern.compile("([\\w!#$%&'*+.^`|~-]++)\\s*+=\\s*+"
			+ "(\"(?:[^\"\\\\]|\\\\.)*+\"|'[^']*+'|[\\w!#$%&*+.^`|~-][\\w!#$%&'*+.^`|~-]*+)\\s*+");

	/** An empty value is malformed in every parameter that is looked at. */
	static final String MALFORMED = "";

	/**
	 * Reads one header value.
	 * @param headerValue the value, from a server that may send anything
	 * @return its challenges, empty when a quoted string has no end or an element of the
	 * list is neither challenge nor parameter
	 */
	static List<AuthenticationChallenge> parse(String headerValue) {
		List<AuthenticationChallenge> challenges = new ArrayList<>();
		for (String element : elements(headerValue)) {
			List<Parameter> parameters = parameters(element);
			if (!parameters.isEmpty()) {
				if (challenges.isEmpty()) {
					return List.of();
				}
				challenges.get(challenges.size() - 1).parameters().addAll(parameters);
				continue;
			}
			int end = indexOfSpace(element);
			String scheme = element.substring(0, end);
			if (!isToken(scheme)) {
				return List.of();
			}
			challenges
				.add(new AuthenticationChallenge(scheme, new ArrayList<>(parameters(element.substring(end).strip()))));
		}
		return challenges;
	}

	List<String> values(String name) {
		return this.parameters.stream()
			.filter((parameter) -> parameter.name().equals(name))
			.map(Parameter::value)
			.toList();
	}

	/**
	 * Splits at commas outside of quoted strings, and at semicolons, which some servers
	 * put between parameters.
	 */
	private static List<String> elements(String text) {
		List<String> elements = new ArrayList<>();
		boolean quoted = false;
		int start = 0;
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			if (c == '\\' && quoted) {
				i++;
			}
			else if (c == '"') {
				quoted = !quoted;
			}
			else if (c == '\'' && !quoted && isAfterEquals(text, i)) {
				// No quote of the RFC, but of some servers, with a comma in it perhaps.
				i = Math.max(i, text.indexOf('\'', i + 1));
			}
			else if ((c == ',' || c == ';') && !quoted) {
				add(text.substring(start, i), elements);
				start = i + 1;
			}
		}
		if (quoted) {
			return List.of();
		}
		add(text.substring(start), elements);
		return elements;
	}

	private static boolean isAfterEquals(String text, int index) {
		int i = index - 1;
		while (i >= 0 && Character.isWhitespace(text.charAt(i))) {
			i--;
		}
		return i >= 0 && text.charAt(i) == '=';
	}

	/** RFC 9110 section 5.6.1.2: a recipient ignores empty list elements. */
	private static void add(String element, List<String> elements) {
		String stripped = element.strip();
		if (!stripped.isEmpty()) {
			elements.add(stripped);
		}
	}

	private static int indexOfSpace(String text) {
		for (int i = 0; i < text.length(); i++) {
			if (text.charAt(i) == ' ' || text.charAt(i) == '\t') {
				return i;
			}
		}
		return text.length();
	}

	/**
	 * Only what begins with a token and an equals sign: {@code Bearer a=b} does not. Some
	 * servers forget the commas between parameters.
	 */
	private static List<Parameter> parameters(String text) {
		int equals = text.indexOf('=');
		if (equals < 0 || !isToken(text.substring(0, equals).strip())) {
			return List.of();
		}
		List<Parameter> parameters = new ArrayList<>();
		Matcher matcher = PARAMETER.matcher(text);
		int end = 0;
		// Not find(), which would look for one from every character.
		while (end < text.length() && matcher.region(end, text.length()).lookingAt()) {
			parameters.add(parameter(matcher.group(1), matcher.group(2)));
			end = matcher.end();
		}
		return (end == text.length()) ? parameters
				: List.of(parameter(text.substring(0, equals).strip(), text.substring(equals + 1).strip()));
	}

	private static Parameter parameter(String name, String value) {
		return new Parameter(name.toLowerCase(Locale.ROOT), value(value));
	}

	private static String value(String text) {
		if (text.length() > 1 && text.startsWith("'") && text.endsWith("'")) {
			return text.substring(1, text.length() - 1);
		}
		if (!text.startsWith("\"")) {
			return isToken(text) ? text : MALFORMED;
		}
		StringBuilder value = new StringBuilder(text.length());
		for (int i = 1; i < text.length(); i++) {
			char c = text.charAt(i);
			if (c == '"') {
				return (i == text.length() - 1) ? value.toString() : MALFORMED;
			}
			if (c == '\\') {
				i++;
				c = (i < text.length()) ? text.charAt(i) : '\0';
			}
			value.append(c);
		}
		return MALFORMED;
	}

	/** RFC 9110 section 5.6.2. */
	private static boolean isToken(String text) {
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
			if (!alphanumeric && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
				return false;
			}
		}
		return !text.isEmpty();
	}

}
