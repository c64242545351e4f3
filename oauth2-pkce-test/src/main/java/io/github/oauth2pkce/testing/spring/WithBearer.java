package io.github.oauth2pkce.testing.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Gives a provider a bearer for the time of a test, as if somebody had logged in. No
 * server is asked. Everything else is as in production: the request has to select the
 * provider, or to be below its {@code base-urls}.
 *
 * <p>
 * On a method, or on a class for all of its methods; a method's annotation replaces the
 * one of its class for the same provider. Works in every test with a Spring context. The
 * bearer belongs to the context and not to a thread, so tests that share a context must
 * not run at the same time.
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@Repeatable(WithBearer.List.class)
public @interface WithBearer {

	/**
	 * The provider's id, as in {@code oauth2.pkce.providers.<id>}. An id that is not
	 * configured fails the test.
	 * @return the id
	 */
	String value();

	/**
	 * The access token (RFC 6750).
	 * @return the token, sent as {@code Authorization: Bearer <token>}
	 */
	String token() default "test-token";

	/** Several providers. */
	@Target({ ElementType.TYPE, ElementType.METHOD })
	@Retention(RetentionPolicy.RUNTIME)
	@Documented
	@Inherited
	@interface List {

		/**
		 * The annotations.
		 * @return one for each provider
		 */
		WithBearer[] value();

	}

}
