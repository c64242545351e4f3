package io.github.oauth2pkce.sample.client.page;

import java.time.Instant;

/**
 * Something that happened, or happened several times in a row.
 *
 * @param providerId to which provider's login
 * @param text what, in words
 * @param tone how good that is
 * @param at when, the last time
 * @param times how often in a row
 */
record Happening(String providerId, String text, Tone tone, Instant at, int times) {

	boolean isSameAs(Happening other) {
		return this.providerId.equals(other.providerId) && this.text.equals(other.text);
	}

	Happening again(Instant at) {
		return new Happening(this.providerId, this.text, this.tone, at, this.times + 1);
	}

	boolean repeated() {
		return this.times > 1;
	}

	String clock() {
		return Words.clock(this.at);
	}

	String isoTime() {
		return this.at.toString();
	}

}
