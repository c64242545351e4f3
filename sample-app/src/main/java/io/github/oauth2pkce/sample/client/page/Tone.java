package io.github.oauth2pkce.sample.client.page;

import java.util.Locale;

/**
 * How good something is, the most pressing last. Shown by colour and by form, never by
 * colour alone.
 */
enum Tone {

	/** Neither good nor bad. */
	NEUTRAL,

	/** As it should be. */
	GOOD,

	/** Something is under way. */
	WAITING,

	/** A person should do something. */
	ATTENTION;

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT);
	}

}
