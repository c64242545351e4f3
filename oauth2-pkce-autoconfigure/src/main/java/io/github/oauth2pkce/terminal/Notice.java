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

	private final List<String> copies = new ArrayList<>();

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
		wrap(sentence);
		return line("");
	}

	/**
	 * Adds something to read or to type, and an empty line.
	 * @param text the text
	 * @return this notice
	 */
	public Notice show(String text) {
		return line(indent(text) + text).line("");
	}

	/**
	 * As {@link #show(String)}, for what a person should see first.
	 * @param text the text
	 * @return this notice
	 */
	public Notice stress(String text) {
		return line(indent(text) + this.features.palette().paint(Tone.STRONG, text)).line("");
	}

	/**
	 * Adds something to copy, at the start of a line that nothing else is on, and an
	 * empty line. It is printed even where sentences do not belong.
	 * @param text the text
	 * @return this notice
	 */
	public Notice copy(String text) {
		this.copies.add(text);
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
	 * @param subject what expires, such as {@code The code works}
	 * @param time how long
	 * @return this notice, to be ended
	 */
	public Notice open(String subject, Duration time) {
		String rule = "-".repeat(width());
		this.lines.add(0, rule);
		if (this.features.live()) {
			this.countdown = Countdown.of(time, this.terminal.nanoTime());
		}
		// A file keeps for ever what it says: the time from now on, not what is left.
		wrap(subject + " for " + Countdown.words(time) + ".");
		line(rule);
		StringBuilder block = new StringBuilder();
		(isProse() ? this.lines : this.copies).forEach((line) -> block.append(line).append(System.lineSeparator()));
		this.terminal.show(this, block.toString());
		return this;
	}

	/**
	 * Tells how it went, in one line.
	 * @param good whether it went well
	 * @param sentence the outcome; may quote a server
	 */
	public void end(boolean good, String sentence) {
		if (!isProse()) {
			return;
		}
		String text = Terminal.printable(sentence);
		this.terminal.end(this, this.features.palette().paint(good ? Tone.GOOD : Tone.BAD, text), text);
	}

	/**
	 * Whether sentences are printed, and not only what has to be copied.
	 * @return {@code false} in a pipe or a file
	 */
	public boolean isProse() {
		return this.features.prose();
	}

	private Notice line(String line) {
		this.lines.add(line);
		return this;
	}

	private int width() {
		return Math.min(WIDTH, this.features.columns());
	}

	/** A terminal would break in the middle of a word. */
	private void wrap(String sentence) {
		StringBuilder line = new StringBuilder(INDENT);
		for (String word : sentence.split(" ")) {
			if (line.length() > INDENT.length()) {
				if (line.length() + 1 + word.length() > this.features.columns()) {
					line(line.toString());
					line.setLength(INDENT.length());
				}
				else {
					line.append(' ');
				}
			}
			line.append(word);
		}
		line(line.toString());
	}

	/** What fills a line on its own is not pushed into the next. */
	private String indent(String text) {
		return (INDENT.length() * 3 + text.length() <= this.features.columns()) ? INDENT.repeat(3) : "";
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

	String subject() {
		return "'" + this.subject + "'";
	}

	String timeLeft() {
		return (this.countdown != null) ? this.countdown.text(this.terminal.nanoTime()) : "";
	}

	Duration untilNext() {
		return (this.countdown != null) ? this.countdown.untilNext(this.terminal.nanoTime()) : Duration.ZERO;
	}

}
