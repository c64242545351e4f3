package io.github.oauth2pkce.terminal;

/**
 * What the place that is printed on can do.
 *
 * @param live whether a person is looking at it and a line can be written anew; not so in
 * a pipe, a file, a log, or on a terminal that calls itself dumb
 * @param columns how many characters fit on a line
 * @param blocks whether it shows Unicode's block elements
 * @param palette its colours
 */
public record Features(boolean live, int columns, boolean blocks, Palette palette) {

	/** Text and nothing else: right everywhere. */
	public static final Features PLAIN = new Features(false, 80, false, Palette.NONE);

	boolean colored() {
		return !"".equals(this.palette.paint(Palette.Tone.PAPER, ""));
	}

}
