package io.github.oauth2pkce.bearer;

import java.io.IOException;
import java.util.Optional;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.target.BearerPolicy;
import io.github.oauth2pkce.token.DpopBinding;
import io.github.oauth2pkce.token.DpopProofs;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.security.oauth2.client.web.ClientAttributes;

/**
 * {@link BearerTokenFilter} for {@code RestClient}, the HTTP service clients over it, and
 * {@code RestTemplate}: the same rules, reasons and recovery, and the same
 * {@link BearerTokenFilter#SKIP_REASON_ATTRIBUTE}. Waits for a refresh, within the bounds
 * of the source, when there is no usable token. What is said there of redirects holds
 * here. Thread-safe; never prompts.
 */
public final class BearerTokenInterceptor implements ClientHttpRequestInterceptor {

	private final BearerRules rules;

	/**
	 * Creates an interceptor.
	 * @param policies where bearers may go
	 * @param source supplies them
	 * @param listener is told what each request carried
	 */
	public BearerTokenInterceptor(BearerPolicies policies, BearerTokenSource source, BearerListener listener) {
		this(policies, source, listener, RequestLogins.NEVER);
	}

	/**
	 * Creates an interceptor under which a request may wait for a login.
	 * @param policies where bearers may go
	 * @param source supplies them
	 * @param listener is told what each request carried
	 * @param logins logs people in
	 */
	public BearerTokenInterceptor(BearerPolicies policies, BearerTokenSource source, BearerListener listener,
			RequestLogins logins) {
		this.rules = new BearerRules(policies, source, listener, new WhereOneMayWait(logins));
	}

	/**
	 * Sends a request with a bearer, if it should have one.
	 * @throws IllegalStateException when a refresh would have to be waited for on a
	 * thread that must not wait, such as an event loop. There, no request waits for a
	 * login
	 */
	@Override
	public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
			throws IOException {
		String named = ClientAttributes.resolveClientRegistrationId(request.getAttributes());
		BearerPolicy policy = this.rules.select(named, request.getURI());
		if (policy == null || request instanceof AuthorizedHttpRequest) {
			return execution.execute(request, body);
		}
		BearerToken immediate = this.rules.immediate(policy, named != null,
				BearerRules.isAuthorized(request.getHeaders()), request.getURI());
		if (!(immediate instanceof BearerToken.Available) && request instanceof SkippedHttpRequest twin
				&& twin.isSkippedBy(policy)) {
			return execution.execute(request, body);
		}
		RequestUser user = (immediate != null) ? RequestUser.ANYBODY : RequestUser.of(request.getAttributes());
		BearerToken token = (immediate != null) ? immediate : await(this.rules.current(policy, user, () -> true));
		if (token instanceof BearerToken.Available available) {
			// The attributes outlive this attempt, if somebody retries.
			request.getAttributes().remove(BearerTokenFilter.SKIP_REASON_ATTRIBUTE);
			this.rules.propagated(policy);
			return execute(new AuthorizedHttpRequest(request, available), request, body, execution, policy, token,
					user);
		}
		BearerToken.Skipped skipped = (BearerToken.Skipped) token;
		AuthenticationRequiredException failure = this.rules.skipped(policy, skipped);
		if (failure != null) {
			throw failure;
		}
		request.getAttributes().put(BearerTokenFilter.SKIP_REASON_ATTRIBUTE, skipped.reason());
		return execute(new SkippedHttpRequest(request, policy), request, body, execution, policy, token, user);
	}

	private ClientHttpResponse execute(HttpRequest sent, HttpRequest request, byte[] body,
			ClientHttpRequestExecution execution, BearerPolicy policy, BearerToken carried, RequestUser user)
			throws IOException {
		ClientHttpResponse response = send(sent, request, body, execution, carried);
		int status = response.getStatusCode().value();
		if (!BearerRules.isRefusal(status)) {
			return response;
		}
		Optional<BearerToken.Available> newer;
		try {
			newer = await(this.rules.replacement(policy, carried,
					// As later interceptors have left it.
					sent.getHeaders().getFirst(HttpHeaders.AUTHORIZATION), status, response.getHeaders(), user,
					// The body is there as bytes.
					() -> true));
		}
		catch (IOException | RuntimeException ex) {
			close(response);
			throw ex;
		}
		if (newer.isEmpty()) {
			return response;
		}
		close(response);
		ClientHttpResponse answer = send(new AuthorizedHttpRequest(request, newer.get()), request, body, execution,
				newer.get());
		if (answer.getStatusCode().value() != 401) {
			this.rules.taken(policy, user, Context.empty());
		}
		return answer;
	}

	/** Once more, if the server wants another proof. */
	private static ClientHttpResponse send(HttpRequest sent, HttpRequest request, byte[] body,
			ClientHttpRequestExecution execution, BearerToken carried) throws IOException {
		ClientHttpResponse response = execution.execute(sent, body);
		DpopBinding binding = (carried instanceof BearerToken.Available token) ? token.binding() : null;
		if (binding != null && BearerRules.wantsOtherProof(binding, request.getURI(), proofOf(sent),
				response.getStatusCode().value(), response.getHeaders(), () -> true)) {
			close(response);
			HttpRequest again = new AuthorizedHttpRequest(request, (BearerToken.Available) carried);
			response = execution.execute(again, body);
			binding.proofs()
				.learn(request.getURI(), proofOf(again), response.getStatusCode().value(), response.getHeaders());
		}
		return response;
	}

	private static @Nullable String proofOf(HttpRequest request) {
		return request.getHeaders().getFirst(DpopProofs.HEADER);
	}

	/** What is left of an answer that is given up does not matter, errors included. */
	private static void close(ClientHttpResponse response) {
		try {
			response.close();
		}
		catch (RuntimeException ex) {
			// Some clients read the rest first, and it may be cut off or no HTTP at all.
		}
	}

	private static <T> T await(Mono<T> answer) throws IOException {
		return Waiting.await(answer, "use WebClient here, or call RestClient on another thread", () -> false);
	}

}
