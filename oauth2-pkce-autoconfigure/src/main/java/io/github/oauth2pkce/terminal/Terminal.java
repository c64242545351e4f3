package io.github.oauth2pkce.terminal;

import java.io.PrintStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ServerText;

/**
 * Where notices for a person are printed. On a terminal there is a countdown below the
 * last one, on a line that is written anew. In a pipe or a file nothing is printed but
 * what has to be copied: the log says the rest, in its own format. The cursor always
 * waits at the start of a line, so that whatever else is printed, by a logger for one,
 * begins there. Nothing has to be restored when the process ends. Thread-safe: what is
 * printed is printed at once.
 */
public final class Terminal {

	private final Supplier<PrintStream> out;

	private final Supplier<Features> features;

	private final QrCode.@Nullable Encoder qrCodes;

	private final Alarm alarm;

	/** The notices that are counted down: on one line, by the newest one's time. */
	private final List<Notice> open = new ArrayList<>();

	private String countdown = "";

	/**
	 * Creates a terminal.
	 * @param out where to print, asked for each time because tests and containers replace
	 * it
	 * @param features what it can do, asked for each time as well
	 * @param qrCodes makes QR codes, {@code null} to do without
	 */
	public Terminal(Supplier<PrintStream> out, Supplier<Features> features, QrCode.@Nullable Encoder qrCodes) {
		this(out, features, qrCodes, Alarm.SYSTEM);
	}

	Terminal(Supplier<PrintStream> out, Supplier<Features> features, QrCode.@Nullable Encoder qrCodes, Alarm alarm) {
		this.out = out;
		this.features = features;
		this.qrCodes = qrCodes;
		this.alarm = alarm;
	}

	/**
	 * A place that shows text and nothing else.
	 * @param out where to print
	 * @return the terminal
	 */
	public static Terminal plain(Supplier<PrintStream> out) {
		return new Terminal(out, () -> Features.PLAIN, null);
	}

	/**
	 * A new notice, not yet shown.
	 * @param subject what its outcome will be about, such as a provider's id
	 * @return the notice
	 */
	public Notice notice(String subject) {
		return new Notice(this, this.features.get(), subject);
	}

	@Nullable QrCode qrCode(String text) {
		return (this.qrCodes != null) ? this.qrCodes.encode(text) : null;
	}

	long nanoTime() {
		return this.alarm.nanoTime();
	}

	synchronized void show(Notice notice, String block) {
		print(erase() + block);
		if (notice.counts()) {
			this.open.add(notice);
			count(notice);
		}
	}

	private synchronized void count(Notice notice) {
		if (newest() == notice && !notice.isOver()) {
			draw(notice);
			this.alarm.after(notice.untilNext(), () -> count(notice));
		}
	}

	private @Nullable Notice newest() {
		return this.open.isEmpty() ? null : this.open.get(this.open.size() - 1);
	}

	private void draw(Notice notice) {
		String subjects = String.join(" and ", this.open.stream().map(Notice::subject).toList());
		String text = "  Waiting for " + subjects + ", " + notice.timeLeft();
		if (text.length() >= notice.features().columns()) {
			text = "  Waiting, " + notice.timeLeft();
		}
		if (text.length() >= notice.features().columns()) {
			// It would wrap, and the next one would not cover it.
			return;
		}
		// Back to the start: what others print covers it.
		String line = "\r" + padded(text) + "\r";
		this.countdown = text;
		print(line);
	}

	synchronized void end(Notice notice, String painted, String text) {
		Notice counted = newest();
		this.open.remove(notice);
		String rest = " ".repeat(Math.max(0, this.countdown.length() - text.length()));
		boolean live = notice.features().live();
		this.countdown = "";
		print((live ? "\r" : "") + painted + (live ? rest : "") + System.lineSeparator());
		Notice newest = newest();
		if (newest == null) {
			return;
		}
		if (newest == counted) {
			draw(newest);
		}
		else {
			count(newest);
		}
	}

	private String erase() {
		String erased = this.countdown.isEmpty() ? "" : "\r" + " ".repeat(this.countdown.length()) + "\r";
		this.countdown = "";
		return erased;
	}

	private String padded(String text) {
		return text + " ".repeat(Math.max(0, this.countdown.length() - text.length()));
	}

	private void print(String text) {
		PrintStream out = this.out.get();
		out.print(text);
		out.flush();
	}

	/**
	 * That a login is needed, as a sentence. Who decides where to log in is named: nobody
	 * has configured that server.
	 * @param subject what the person logs in to, such as a provider's id
	 * @param resource the protected resource that has named its authorization server,
	 * {@code null} when that is configured
	 * @param issuer the authorization server
	 * @return the sentence, with a blank at its end
	 */
	public static String needed(String subject, @Nullable URI resource, @Nullable String issuer) {
		return (resource == null) ? "Login needed for '" + subject + "'. "
				: "Login needed for '" + subject + "', to use " + ServerText.printable(resource.toString(), 200)
						+ ". It asks you to log in at " + ServerText.printable(String.valueOf(issuer), 200) + ". ";
	}

	/**
	 * The outcome of a login, as a sentence.
	 * @param subject what the person logs in to, such as a provider's id
	 * @param failure why there are no tokens, {@code null} when there are
	 * @return the sentence
	 */
	public static String outcome(String subject, @Nullable RuntimeException failure) {
		return (failure == null) ? "Logged in to '" + subject + "'."
				: "Not logged in to '" + subject + "': " + failure.getMessage();
	}

	/**
	 * The outcome of a login that works and may not last, as a sentence.
	 * @param subject what the person logs in to, such as a provider's id
	 * @return the sentence
	 */
	public static String unsaved(String subject) {
		return "Logged in to '" + subject + "', but the login could not be saved:"
				+ " it will be lost on restart unless the store becomes writable.";
	}

	static String printable(String sentence) {
		return ServerText.printable(sentence, 1000);
	}

}
