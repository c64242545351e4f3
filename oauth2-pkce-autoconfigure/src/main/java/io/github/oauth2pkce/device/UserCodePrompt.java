package io.github.oauth2pkce.device;

/**
 * Shows a person how to log in. Declare a bean of this type to show the code elsewhere:
 * in a chat, a mail, on a display. Called once for each login, on its worker thread,
 * before the first poll; several logins may call at the same time. What it throws is
 * logged, and the login goes on.
 */
@FunctionalInterface
public interface UserCodePrompt {

	/**
	 * Shows the code; returns at once rather than waiting for the person.
	 * @param userCode the code and where to enter it
	 */
	void prompt(UserCode userCode);

}
