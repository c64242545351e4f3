package io.github.oauth2pkce.configuration;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ForeignToken;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;

/** What sentences about properties may repeat of them. */
public final class PropertyText {

	private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([\\w.-]+)}");

	private PropertyText() {
	}

	/**
	 * A value in quotes, unless it may hold a password: that of a URL's user info,
	 * however broken the URL is, or a parameter of its query. Nor a token or a key that
	 * is where its name should be.
	 * @param value the value, {@code null} when there is none or it is secret
	 * @return such as {@code  = "value"}, or nothing
	 */
	static String quoted(@Nullable String value) {
		if (value == null || value.contains("@") || ForeignToken.isOneItself(value)) {
			return "";
		}
		Matcher query = Pattern.compile("[?#]").matcher(value);
		int end = query.find() ? query.start() : value.length();
		return " = \"" + value.substring(0, end) + value.substring(end).replaceAll("=[^&#]*", "=***") + "\"";
	}

	/**
	 * Where a property is set: the line of a file, because profiles and imports make them
	 * many.
	 */
	static String origin(ConfigurationProperty property) {
		Origin origin = property.getOrigin();
		if (origin instanceof PropertySourceOrigin known) {
			origin = known.getOrigin();
			if (origin == null && property.getName().toString().equals(known.getPropertyName())) {
				return " (from property source \"" + known.getPropertySource().getName() + "\")";
			}
			origin = (origin != null) ? origin : known;
		}
		return (origin != null) ? " (from " + origin + ")" : "";
	}

	/**
	 * Spring leaves a placeholder in place when nothing has its name: sent to a server,
	 * it would be an odd client id.
	 * @param property where
	 * @param value what is there
	 * @param secret whether a part of the value may not be repeated
	 */
	static void checkPlaceholder(String property, @Nullable String value, boolean secret) {
		Matcher placeholder = PLACEHOLDER.matcher((value != null) ? value.strip() : "");
		if (secret ? placeholder.matches() : placeholder.find()) {
			throw new InvalidPropertyException(property, null,
					"refers to " + placeholder.group() + ", which is not set", "Set " + placeholder.group(1)
							+ " as a property or an environment variable, or remove the placeholder.");
		}
	}

	/**
	 * The address of a section of the documentation of this version. It is in a file that
	 * the build fills in: whoever publishes the pages elsewhere changes it there.
	 * @param page such as {@code troubleshooting}
	 * @param heading what a link to the section has after its {@code #}
	 * @return the address
	 */
	public static String page(String page, String heading) {
		try (InputStream file = PropertyText.class.getResourceAsStream("documentation.properties")) {
			Properties properties = new Properties();
			properties.load(file);
			return properties.getProperty("url") + "/" + page + ".html#" + heading;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
