package io.github.oauth2pkce.terminal;

/** Colours, where there are any. Thread-safe. */
@FunctionalInterface
public interface Palette {

	/** No colours. */
	Palette NONE = (tone, text) -> text;

	/**
	 * Colours a text.
	 * @param tone its meaning
	 * @param text the text, without line breaks
	 * @return the text, with what sets the colour before it and resets it after it; just
	 * the text when there are no colours
	 */
	String paint(Tone tone, String text);

	/** What a colour means. */
	enum Tone {

		/** Worth reading first. */
		STRONG,

		/** It went well. */
		GOOD,

		/** It did not. */
		BAD,

		/** Black on white, whatever the terminal's own colours are. */
		PAPER

	}

}
