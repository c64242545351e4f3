package io.github.oauth2pkce.runtime;

import java.net.URI;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.bearer.ResponseFailure;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.configuration.ConfiguredProviders;
import io.github.oauth2pkce.configuration.PropertyText;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.observability.ProviderReports;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.target.BearerPolicy;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/**
 * A request of a runner, or of a bean that is created, had no bearer: a sentence for a
 * person, and no stack trace that buries it. Either it was not sent
 * ({@code on-missing-token: fail}), or the API answered 401. RestClient's exception does
 * not say what its request was, that of an MCP client not why it had no bearer.
 */
final class MissingBearerFailureAnalyzer extends AbstractFailureAnalyzer<RuntimeException> {

	private final BeanFactory beans;

	private final Environment environment;

	MissingBearerFailureAnalyzer(BeanFactory beans, Environment environment) {
		this.beans = beans;
		this.environment = environment;
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, RuntimeException cause) {
		try {
			return analyze(cause);
		}
		catch (BeansException ex) {
			return new RequestOfABean(this.environment).analyze(cause);
		}
	}

	private @Nullable FailureAnalysis analyze(RuntimeException cause) {
		for (Throwable failure = cause; failure != null; failure = failure.getCause()) {
			if (failure instanceof AuthenticationRequiredException required) {
				return analysis("A request was not sent", required.getProviderId(), required.getReason(), cause);
			}
			if (failure instanceof WebClientResponseException.Unauthorized unauthorized) {
				return unauthorized(unauthorized, cause);
			}
			URI refused = ResponseFailure.unauthorizedMcpRequest(failure);
			if (refused != null) {
				return mcp(refused, cause);
			}
		}
		return null;
	}

	private @Nullable FailureAnalysis unauthorized(WebClientResponseException failure, Throwable cause) {
		HttpRequest request = failure.getRequest();
		if (request == null || request.getHeaders().containsHeader(HttpHeaders.AUTHORIZATION)) {
			// What the caller put there is not for us to explain.
			return null;
		}
		String providerId = BearerTokenFilter.skippedProvider(request);
		if (providerId == null) {
			return noneOfOurs(failure, request.getURI(), cause);
		}
		return (request.getAttributes().get(BearerTokenFilter.SKIP_REASON_ATTRIBUTE) instanceof SkipReason reason)
				? analysis(failure.getMessage(), providerId, reason, cause) : null;
	}

	private @Nullable FailureAnalysis mcp(URI uri, Throwable cause) {
		BearerPolicy policy = this.beans.getBean(ConfiguredProviders.class).policies().select(null, uri);
		if (policy == null) {
			return null;
		}
		Provider provider = this.beans.getBean(Providers.class).get(policy.providerId());
		return switch (this.beans.getBean(ProviderReports.class).state(provider)) {
			case LOGIN_REQUIRED -> analysis(mcpServer(uri), provider.id(), SkipReason.NO_TOKEN, cause);
			case REAUTHENTICATION_REQUIRED ->
				analysis(mcpServer(uri), provider.id(), SkipReason.REAUTHENTICATION_REQUIRED, cause);
			default -> null;
		};
	}

	static String mcpServer(URI uri) {
		return "401 Unauthorized from the MCP server at " + uri;
	}

	/** A request that lies beside what is configured for its host. */
	private @Nullable FailureAnalysis noneOfOurs(WebClientResponseException failure, URI uri, Throwable cause) {
		BearerPolicies policies = this.beans.getBean(ConfiguredProviders.class).policies();
		Map<String, Set<String>> onHost = policies.onHostOf(uri);
		return onHost.isEmpty() ? null
				: new FailureAnalysis(
						failure.getMessage() + ": it had no bearer, because it is below no base URL of one provider."
								+ " On this host there are " + onHost + ".",
						"Compare scheme, host, port and path with base-urls, or let the request name its provider."
								+ " A client that is made without Boot's builder has no bearers. See "
								+ PropertyText.page("troubleshooting", "no-counter-moves"),
						cause);
	}

	private FailureAnalysis analysis(String what, String providerId, SkipReason reason, Throwable cause) {
		Provider provider = this.beans.getBean(Providers.class).get(providerId);
		String lastError = this.beans.getBean(Logins.class).lastError(CredentialId.ofApplication(providerId));
		return new FailureAnalysis(
				what + ": " + because(providerId, reason)
						+ ((lastError != null) ? " The last login failed (" + lastError
								+ "); the log says why, at the event" + " oauth2_login_failed." : ""),
				action(provider, reason, lastError), cause);
	}

	static String because(String providerId, SkipReason reason) {
		String why = switch (reason) {
			case NO_TOKEN -> "nobody is logged in";
			case REAUTHENTICATION_REQUIRED -> "the login has ended";
			default -> "there was none that it could have";
		};
		return "it had no bearer of provider '" + providerId + "', because " + why + " (" + reason.tag() + ").";
	}

	private String action(Provider provider, SkipReason reason, @Nullable String lastError) {
		if (reason == SkipReason.ORIGIN_NOT_ALLOWED) {
			return "Add the origin of the request to " + provider.property("base-urls") + ".";
		}
		if (reason == SkipReason.INSECURE_TRANSPORT) {
			return "Send the request by https.";
		}
		String advice = configuration(provider, lastError);
		if (advice == null) {
			advice = this.beans.getBean(ProviderReports.class).remedy(provider);
		}
		return ((advice != null) ? advice : "Start the application again when the cause is gone") + ". See "
				+ PropertyText.page("troubleshooting", "a-request-has-no-bearer");
	}

	/** What no other login changes. */
	private static @Nullable String configuration(Provider provider, @Nullable String lastError) {
		Problem problem = (lastError != null) ? Problem.of(lastError) : null;
		String property = provider.property((provider.resourceUri() != null) ? "resource-uri" : "issuer-uri");
		if (problem == Problem.DISCOVERY_FAILED) {
			return "Check " + property + ": what was found there cannot be used. Then start the application again";
		}
		if (problem == Problem.REGISTRATION_FAILED) {
			return "Set " + provider.property("client-id")
					+ " to a client that is registered by hand at the server that " + property
					+ " leads to. Then start the application again";
		}
		return null;
	}

}
