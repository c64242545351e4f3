package io.github.oauth2pkce.terminal;

/**
 * What the place that is printed on can do.
 *
 * @param prose whether sentences belong there; not so in a pipe or a file, where every
 * line may have to be one of a log, such as JSON
 * @param live whether a line can be written anew; not so on a terminal that calls itself
 * dumb
 * @param columns how many characters fit on a line
 * @param blocks whether it shows Unicode's block elements
 * @param palette its colours
 */
public record Features(boolean prose, boolean live, int columns, boolean blocks, Palette palette) {

	/** Text and nothing else. */
	public static final Features PLAIN = new Features(true, false, 80, false, Palette.NONE);

	/** What has to be copied and nothing else: all the rest is in the log. */
	public static final Features PIPE = new Features(false, false, 80, false, Palette.NONE);

	boolean colored() {
		return !"".equals(this.palette.paint(Palette.Tone.PAPER, ""));
	}

}
