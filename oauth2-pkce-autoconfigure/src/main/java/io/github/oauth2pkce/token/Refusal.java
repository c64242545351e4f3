package io.github.oauth2pkce.token;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ServerText;
import io.github.oauth2pkce.token.AuthorizationServerClient.Answer;

import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.StringUtils;

/**
 * What a server answers instead of what was asked for: an OAuth 2.0 error (RFC 6749
 * section 5.2), or something of which a person can still make something.
 *
 * @param code the error code, {@code null} when there is none
 * @param description the rest, printable, without secrets
 */
record Refusal(@Nullable String code, @Nullable String description) {

	private static final int LONGEST_CODE = 80;

	private static final Pattern NOT_OF_CODES = Pattern.compile("[^A-Za-z0-9._:/~-]+");

	/** Where servers of other dialects say what is wrong. */
	private static final List<String> WORDS = List.of(OAuth2ParameterNames.ERROR_DESCRIPTION, "error_message",
			"message", "description", "detail", "errorMessage", "error_msg", "msg", "title", "reason");

	/** And what they call it. */
	private static final List<String> NAMES = List.of("code", "errorCode", "error_code", "status", "type");

	static Refusal of(Answer answer, Set<String> rejectedErrorCodes, SentSecrets secrets) {
		JsonAnswer json = JsonAnswer.parseCut(answer.body());
		String error = (json != null) ? json.error(rejectedErrorCodes) : null;
		if (json == null || error == null) {
			return new Refusal(null, "not an OAuth 2.0 answer, but " + printable(secrets, foreign(answer)));
		}
		String code = code(rejectedErrorCodes.contains(error) ? error : secrets.hideIn(error));
		String words = json.first(WORDS);
		// Keycloak, for one, has sentences there.
		boolean sentence = !code.equals(error) && !rejectedErrorCodes.contains(error);
		String description = (sentence && words == null) ? error : words;
		return new Refusal(rejectedErrorCodes.contains(error) ? error : code,
				(description != null) ? printable(secrets, description) : null);
	}

	/** RFC 6749 section 5.2 has a few characters for it; logs and lists like fewer. */
	private static String code(String error) {
		String code = NOT_OF_CODES.matcher(ServerText.printable(error.strip(), LONGEST_CODE)).replaceAll("_");
		return StringUtils.trimTrailingCharacter(StringUtils.trimLeadingCharacter(code, '_'), '_');
	}

	/**
	 * What an answer is that is none of OAuth 2.0.
	 * @param answer the answer
	 * @return a noun, not printable yet
	 */
	static String foreign(Answer answer) {
		if (answer.status() == 407) {
			return "a proxy that wants a user name and password";
		}
		String location = answer.headers().getFirst(HttpHeaders.LOCATION);
		if (answer.status() / 100 == 3 && location != null) {
			return "a redirect to " + withoutQuery(location);
		}
		JsonAnswer json = JsonAnswer.parseCut(answer.body());
		if (json != null) {
			return json(answer, json);
		}
		String body = answer.body().strip();
		if (body.isEmpty()) {
			return "an empty one";
		}
		if (body.startsWith("[")) {
			return "a JSON list instead of an object";
		}
		String type = answer.headers().getFirst(HttpHeaders.CONTENT_TYPE);
		return (type != null) ? type : "something without a content type";
	}

	private static String json(Answer answer, JsonAnswer json) {
		// In a success "code" could be one that is worth something.
		String name = (answer.status() >= 400) ? json.first(NAMES) : null;
		String words = json.first(WORDS);
		if (name == null && words == null) {
			return "JSON with " + (json.names().isEmpty() ? "no members" : String.join(", ", json.names()));
		}
		return "'" + ((name != null && words != null) ? name + ": " + words : (name != null) ? name : words) + "'";
	}

	/** For a person: which page it is, and no parameter of it. */
	static String withoutQuery(String location) {
		try {
			URI uri = new URI(location);
			String authority = (uri.getHost() != null)
					? uri.getScheme() + "://" + uri.getHost() + ((uri.getPort() >= 0) ? ":" + uri.getPort() : "") : "";
			return authority + uri.getRawPath();
		}
		catch (URISyntaxException ex) {
			return "somewhere";
		}
	}

	private static String printable(SentSecrets secrets, String text) {
		return ServerText.printable(secrets.hideIn(text), 200);
	}

}
