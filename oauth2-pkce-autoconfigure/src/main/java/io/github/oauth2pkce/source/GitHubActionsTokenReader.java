package io.github.oauth2pkce.source;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.SecureTransport;
import io.github.oauth2pkce.source.SubjectTokenSource.Context;
import io.github.oauth2pkce.token.AuthorizationServerCall;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.AuthorizationServerClient.Answer;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;
import io.github.oauth2pkce.token.FailureKind;
import io.github.oauth2pkce.token.JsonAnswer;

import org.springframework.http.HttpMethod;
import org.springframework.util.StringUtils;

/**
 * The OIDC endpoint of GitHub Actions, where a job with {@code permissions: id-token:
 * write} gets a token for an audience. The runner says where, and the bearer for it.
 */
public final class GitHubActionsTokenReader implements ForeignTokenReader {

	private static final String URL = "ACTIONS_ID_TOKEN_REQUEST_URL";

	private static final String BEARER = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

	private final UnaryOperator<@Nullable String> environment;

	private final Supplier<AuthorizationServerClient> client;

	/**
	 * Creates the reader.
	 * @param environment gives the value of a variable, {@code null} where it is not set
	 * @param client gives what sends the request, and follows no redirects: clients may
	 * themselves authenticate by such tokens
	 */
	public GitHubActionsTokenReader(UnaryOperator<@Nullable String> environment,
			Supplier<AuthorizationServerClient> client) {
		this.environment = environment;
		this.client = client;
	}

	@Override
	public Source source() {
		return Source.GITHUB_ACTIONS;
	}

	@Override
	public String read(ForeignToken token, Context context) {
		String bearer = variable(token, BEARER);
		URI uri = uri(token, variable(token, URL));
		// Trusted as the platform trusts: the provider's certificates are not GitHub's.
		Provider platform = Provider.withId(context.providerId()).build();
		Answer answer;
		try {
			answer = this.client.get()
				.send(platform, HttpMethod.GET, uri, AuthorizationServerCall.subjectToken(context.providerId()), bearer,
						null);
		}
		catch (AuthorizationServerUnreachableException ex) {
			throw ForeignTokenException.unavailable(token, String.valueOf(ex.getMessage()), ex);
		}
		JsonAnswer json = (answer.status() == 200) ? JsonAnswer.parse(answer.body()) : null;
		String value = (json != null) ? json.text("value") : null;
		if (StringUtils.hasText(value)) {
			return value;
		}
		String reason = "its endpoint answered HTTP " + answer.status()
				+ ((answer.status() == 200) ? " and no value" : "");
		throw (FailureKind.isTransient(answer.status())) ? ForeignTokenException.unavailable(token, reason, null)
				: ForeignTokenException.refused(token, reason);
	}

	private String variable(ForeignToken token, String name) {
		String value = this.environment.apply(name);
		if (!StringUtils.hasText(value)) {
			throw ForeignTokenException.missing(token,
					name + " is not set; it is in jobs of GitHub Actions with 'permissions: id-token: write'");
		}
		return value.strip();
	}

	private static URI uri(ForeignToken token, String url) {
		try {
			URI uri = new URI(url + (url.contains("?") ? '&' : '?') + "audience="
					+ URLEncoder.encode(token.value(), StandardCharsets.UTF_8));
			if (SecureTransport.isSecure(uri)) {
				return uri;
			}
		}
		catch (URISyntaxException ex) {
			// Told below.
		}
		throw ForeignTokenException.missing(token, URL + " is not an https address");
	}

}
