package io.github.oauth2pkce.device;

import org.jspecify.annotations.Nullable;

/**
 * Shows a person how to log in. Declare a bean of this type to show the code elsewhere:
 * in a chat, a mail, on a display. Called for each login on a thread of its own; several
 * logins may call at the same time. What it throws is logged, and the login goes on,
 * however long it takes.
 */
@FunctionalInterface
public interface UserCodePrompt {

	/**
	 * Shows the code. Called once for each login.
	 * @param userCode the code and where to enter it
	 */
	void prompt(UserCode userCode);

	/**
	 * Takes the code away again, or tells how it went: its login has ended. By default
	 * does nothing.
	 * @param userCode the code that was shown
	 * @param failure why there are no tokens, {@code null} when there are; its message is
	 * a sentence for a person and holds no secret
	 */
	default void ended(UserCode userCode, @Nullable RuntimeException failure) {
	}

	/**
	 * The same for a login that works, but whose tokens the store did not take: it does
	 * not outlive the application, unless a later attempt to save them succeeds. By
	 * default tells of a success.
	 * @param userCode the code that was shown
	 */
	default void endedUnsaved(UserCode userCode) {
		ended(userCode, null);
	}

}
