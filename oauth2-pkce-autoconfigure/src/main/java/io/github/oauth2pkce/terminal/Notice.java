package io.github.oauth2pkce.terminal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.terminal.Palette.Tone;

/**
 * What a person should do, and later how it went. Built and shown by one thread; ended by
 * any.
 */
public final class Notice {

	private static final int WIDTH = 72;

	private static final String INDENT = "  ";

	private final Terminal terminal;

	private final Features features;

	private final String subject;

	private final List<String> lines = new ArrayList<>();

	private @Nullable Countdown countdown;

	Notice(Terminal terminal, Features features, String subject) {
		this.terminal = terminal;
		this.features = features;
		this.subject = subject;
	}

	/**
	 * Adds a sentence, and an empty line.
	 * @param sentence the sentence
	 * @return this notice
	 */
	public Notice say(String sentence) {
		return line(INDENT + sentence).line("");
	}

	/**
	 * Adds something to read or to type, and an empty line.
	 * @param text the text
	 * @return this notice
	 */
	public Notice show(String text) {
		return line(INDENT.repeat(3) + text).line("");
	}

	/**
	 * As {@link #show(String)}, for what a person should see first.
	 * @param text the text
	 * @return this notice
	 */
	public Notice stress(String text) {
		return line(INDENT.repeat(3) + this.features.palette().paint(Tone.STRONG, text)).line("");
	}

	/**
	 * Adds something to copy, at the start of a line that nothing else is on, and an
	 * empty line.
	 * @param text the text
	 * @return this notice
	 */
	public Notice copy(String text) {
		return line(text).line("");
	}

	/**
	 * Adds a QR code where one can be shown, else nothing.
	 * @param introduction a sentence to put before it
	 * @param text what it says
	 * @return this notice
	 */
	public Notice qrCode(String introduction, String text) {
		QrCode code = (this.features.live() && this.features.blocks()) ? this.terminal.qrCode(text) : null;
		if (code != null && code.columns() + INDENT.length() <= this.features.columns()) {
			boolean paper = this.features.colored();
			say(introduction);
			for (String row : code.lines(paper)) {
				line(INDENT + this.features.palette().paint(Tone.PAPER, row));
			}
			line("");
		}
		return this;
	}

	/**
	 * Shows the notice; on a terminal, time runs down below it until it has ended.
	 * @param what what lasts, such as {@code The code works}
	 * @param time how long
	 * @return this notice, to be ended
	 */
	public Notice open(String what, Duration time) {
		StringBuilder block = new StringBuilder();
		String rule = "-".repeat(Math.min(WIDTH, this.features.columns()));
		this.lines.add(0, rule);
		if (this.features.live()) {
			this.countdown = Countdown.of(time, this.terminal.nanoTime());
		}
		// A file keeps for ever what it says: the time from now on, not what is left.
		line(INDENT + what + " for " + Countdown.words(time) + ".").line(rule);
		this.lines.forEach((line) -> block.append(line).append(System.lineSeparator()));
		this.terminal.show(this, block.toString());
		return this;
	}

	/**
	 * Tells how it went, in one line.
	 * @param good whether it went well
	 * @param sentence the outcome; may quote a server
	 */
	public void end(boolean good, String sentence) {
		String text = Terminal.printable(sentence);
		this.terminal.end(this, this.features.palette().paint(good ? Tone.GOOD : Tone.BAD, text), text);
	}

	private Notice line(String line) {
		this.lines.add(line);
		return this;
	}

	Features features() {
		return this.features;
	}

	boolean counts() {
		return this.countdown != null;
	}

	boolean isOver() {
		return this.countdown == null || this.countdown.isOver(this.terminal.nanoTime());
	}

	String countdown() {
		return (this.countdown != null)
				? INDENT + "Waiting for '" + this.subject + "', " + this.countdown.text(this.terminal.nanoTime()) : "";
	}

	Duration untilNext() {
		return (this.countdown != null) ? this.countdown.untilNext(this.terminal.nanoTime()) : Duration.ZERO;
	}

}
