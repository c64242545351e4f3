package io.github.oauth2pkce.code;

import java.net.URI;

/**
 * Opens a person's browser. Declare a bean of this type to use another way, or none. The
 * page is printed as well, so an opener may do nothing. Called on the login's thread;
 * what it throws is logged, and the login goes on.
 */
@FunctionalInterface
public interface BrowserOpener {

	/**
	 * Opens a page; returns at once rather than waiting for the person.
	 * @param page the start page of the login, on this machine, which sends the browser
	 * on to the authorization server. It gives the login to whoever opens it first: it
	 * must not get into a log
	 * @return whether a browser was told to open it
	 */
	boolean open(URI page);

	/**
	 * Whether there is a browser to open at all. Where there is none, a login whose grant
	 * is not configured goes by device code, if the server has that.
	 * @return {@code false} when {@link #open} would do nothing
	 */
	default boolean isAvailable() {
		return true;
	}

}
