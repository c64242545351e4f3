package io.github.oauth2pkce.observability;

import org.jspecify.annotations.Nullable;

/** How a person can reach this application in order to log in. Asked when advice is. */
public interface LoginEntryPoints {

	/** No web server. */
	LoginEntryPoints NO_WEB = new LoginEntryPoints() {
	};

	/**
	 * The address of Spring Security's browser logins, without the provider's id.
	 * @return the address, {@code null} when there are none
	 */
	default @Nullable String browserLogin() {
		return null;
	}

	/**
	 * Whether the application has a web server.
	 * @return {@code false} for a command line program
	 */
	default boolean isWeb() {
		return false;
	}

	/**
	 * Whether a command runs instead of the application.
	 * @return {@code false} in the application itself
	 */
	default boolean isCommand() {
		return false;
	}

	/**
	 * The address of the endpoint {@code oauth2providers}, without the provider's id.
	 * @return the address, {@code null} when it is not exposed over HTTP
	 */
	default @Nullable String endpoint() {
		return null;
	}

	/**
	 * Whether a start asks people to log in.
	 * @return {@code auto}, {@code always} or {@code never}
	 */
	default String onStartup() {
		return "auto";
	}

	/**
	 * Whether the endpoint may act.
	 * @return {@code false} when it only reads
	 */
	default boolean isEndpointUnrestricted() {
		return false;
	}

}
