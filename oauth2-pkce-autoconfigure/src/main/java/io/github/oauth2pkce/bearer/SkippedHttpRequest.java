package io.github.oauth2pkce.bearer;

import io.github.oauth2pkce.target.BearerPolicy;

import org.springframework.http.HttpRequest;
import org.springframework.http.client.support.HttpRequestWrapper;

/**
 * A request that is sent without a bearer, so that an interceptor that is there twice
 * asks and counts once. Not an attribute: those outlive the attempt, and a retry is to be
 * looked at afresh.
 */
final class SkippedHttpRequest extends HttpRequestWrapper {

	private final BearerPolicy policy;

	SkippedHttpRequest(HttpRequest request, BearerPolicy policy) {
		super(request);
		this.policy = policy;
	}

	/** An interceptor of another provider has its own say. */
	boolean isSkippedBy(BearerPolicy policy) {
		return this.policy.equals(policy);
	}

	/** Printed by debuggers and careless interceptors: without headers. */
	@Override
	public String toString() {
		return "SkippedHttpRequest[" + getMethod() + " " + getURI().getRawPath() + "]";
	}

}
