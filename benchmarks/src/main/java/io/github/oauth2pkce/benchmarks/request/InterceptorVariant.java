package io.github.oauth2pkce.benchmarks.request;

/** An interceptor under measurement. */
public enum InterceptorVariant {

	/** One that does nothing. */
	NONE,

	/** The least that an interceptor can do. */
	FLOOR,

	/** Ours. */
	STARTER,

	/** {@code OAuth2ClientHttpRequestInterceptor}. */
	SPRING

}
