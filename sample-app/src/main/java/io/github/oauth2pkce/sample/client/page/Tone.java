package io.github.oauth2pkce.sample.client.page;

import java.util.Locale;

/**
 * How good something is. Shown by colour and by form, never by colour alone.
 */
enum Tone {

	/** As it should be. */
	GOOD,

	/** Something is under way. */
	WAITING,

	/** Neither good nor bad. */
	NEUTRAL,

	/** A person should do something. */
	ATTENTION;

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT);
	}

}
