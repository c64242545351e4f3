package io.github.oauth2pkce.testing.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Starts a {@link io.github.oauth2pkce.testing.FakeAuthorizationServer} for a test class
 * with a Spring context, and makes it the authorization server of the named providers: it
 * sets their {@code issuer-uri}, and replaces what the application configures of
 * endpoints and of {@code resource-uri}. Test methods get the server as a parameter or by
 * {@code @Autowired}. It takes every client.
 *
 * <p>
 * Each test begins logged out, with a server that remembers nothing: after each test the
 * applications' logins are forgotten, and the server is reset. Logins of users
 * ({@code principal: current-user}) stay in the application, and are refused.
 *
 * <p>
 * Classes that name the same providers share the server with the context. Logins by code
 * need no browser: the user grants at once. The server's origin is the property
 * {@value #URI_PROPERTY}, for other addresses of the test.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(FakeAuthorizationServerExtension.class)
public @interface WithAuthorizationServer {

	/** The property that has the server's origin. */
	String URI_PROPERTY = "fake-authorization-server.uri";

	/**
	 * Ids of providers, as in {@code oauth2.pkce.providers.<id>}.
	 * @return the ids
	 */
	String[] value();

}
