package io.github.oauth2pkce.testing.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.github.oauth2pkce.bearer.SkipReason;

/**
 * Takes the bearer of a provider away for the time of a test, and says why there is none.
 * No server is asked, and no request starts a login. Otherwise like {@link WithBearer}.
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@Repeatable(WithoutBearer.List.class)
public @interface WithoutBearer {

	/**
	 * The provider's id, as in {@code oauth2.pkce.providers.<id>}. An id that is not
	 * configured fails the test.
	 * @return the id
	 */
	String value();

	/**
	 * Why there is no bearer. Reasons that are the request's own, such as its target,
	 * fail the test.
	 * @return the reason; without one, nobody has logged in
	 */
	SkipReason reason() default SkipReason.NO_TOKEN;

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
		WithoutBearer[] value();

	}

}
