package io.github.oauth2pkce.terminal;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TerminalTests {

	private static final Features LIVE = new Features(true, true, 80, true, Palette.NONE);

	private final ByteArrayOutputStream console = new ByteArrayOutputStream();

	private final StringBuilder all = new StringBuilder();

	private final ManualAlarm alarm = new ManualAlarm();

	private Features features = LIVE;

	private final Terminal terminal = new Terminal(() -> new PrintStream(this.console, false, StandardCharsets.UTF_8),
			() -> this.features, null, this.alarm);

	@Test
	void countsDownOnOneLineThatTheOutcomeReplaces() {
		Notice notice = open(LIVE, "demo", Duration.ofSeconds(70));
		assertThat(last()).isEqualTo("\r  Waiting for 'demo', less than 2 minutes left\r");
		this.alarm.ring();
		assertThat(last()).isEqualTo("\r  Waiting for 'demo', less than a minute left \r");
		this.alarm.ring();
		assertThat(last()).isEqualTo("\r  Waiting for 'demo', less than 50 seconds left\r");
		notice.end(true, "Logged in to 'demo'.");
		assertThat(last()).isEqualTo("\rLogged in to 'demo'." + " ".repeat(27) + "\n");
		assertThat(screen()).endsWith("-\nLogged in to 'demo'.\n");
		this.alarm.ring();
		assertThat(last()).as("nothing more").isEmpty();
	}

	@Test
	void stopsCountingWhenTimeIsOver() {
		open(LIVE, "demo", Duration.ofSeconds(3));
		this.alarm.ring();
		assertThat(this.alarm.pending).isEmpty();
	}

	@Test
	void writesEachLineOnceOnADumbTerminal() {
		Notice notice = open(Features.PLAIN, "demo", Duration.ofMinutes(10));
		assertThat(this.alarm.pending).isEmpty();
		notice.end(false, "Not logged in to 'demo': The login was denied");
		assertThat(this.console.toString(StandardCharsets.UTF_8)).doesNotContain("\r").isEqualTo("""
				------------------------------------------------------------------------
				  Please.

				  The code works for 10 minutes.
				------------------------------------------------------------------------
				Not logged in to 'demo': The login was denied
				""");
	}

	@Test
	void whatOthersPrintStartsOnALineOfItsOwn() {
		open(LIVE, "demo", Duration.ofMinutes(10));
		print("2026-11-01 INFO a line of a log that is longer than the countdown\n");
		assertThat(screen()).endsWith("-\n2026-11-01 INFO a line of a log that is longer than the countdown\n");
	}

	@Test
	void newerNoticeTakesTheCountdownOverAndKeepsItWhenTheOlderOneEnds() {
		Notice older = open(LIVE, "one", Duration.ofMinutes(10));
		Notice newer = open(LIVE, "two", Duration.ofMinutes(5));
		assertThat(screen()).endsWith("  Waiting for 'one' and 'two', less than 5 minutes left");
		older.end(true, "Logged in to 'one'.");
		assertThat(screen()).endsWith("Logged in to 'one'.\n  Waiting for 'two', less than 5 minutes left");
		newer.end(true, "Logged in to 'two'.");
		assertThat(screen()).endsWith("-\nLogged in to 'one'.\nLogged in to 'two'.\n");
	}

	@Test
	void olderNoticeIsCountedDownAgainWhenTheNewerOneEnds() {
		open(LIVE, "one", Duration.ofMinutes(10));
		open(LIVE, "two", Duration.ofMinutes(5)).end(false, "Not logged in to 'two': The login was denied");
		assertThat(screen()).endsWith("was denied\n  Waiting for 'one', less than 10 minutes left");
		this.alarm.ring();
		this.alarm.ring();
		this.alarm.ring();
		assertThat(screen()).endsWith("  Waiting for 'one', less than 8 minutes left");
	}

	@Test
	void countdownThatWouldWrapLeavesTheNameOutOrIsLeftOut() {
		open(new Features(true, true, 40, true, Palette.NONE), "a-provider-with-a-long-name", Duration.ofMinutes(10));
		assertThat(screen()).contains("-".repeat(40))
			.doesNotContain("-".repeat(41))
			.endsWith("  Waiting, less than 10 minutes left");
		open(new Features(true, true, 20, true, Palette.NONE), "demo", Duration.ofMinutes(10));
		assertThat(screen()).endsWith("-".repeat(20) + "\n");
	}

	@Test
	void sentencesAreBrokenBetweenWords() {
		this.features = new Features(true, true, 24, false, Palette.NONE);
		this.terminal.notice("demo")
			.say("Login needed for 'demo'. In a browser, on any device, open")
			.show("https://login.example/device")
			.show("WDJB-MJHT")
			.open("The code works", Duration.ofMinutes(10));
		assertThat(screen()).startsWith("""
				------------------------
				  Login needed for
				  'demo'. In a browser,
				  on any device, open

				https://login.example/device

				      WDJB-MJHT

				  The code works for 10
				  minutes.
				------------------------
				""");
	}

	@Test
	void pipeGetsWhatHasToBeCopiedAndNothingElse() {
		this.features = Features.PIPE;
		Notice notice = this.terminal.notice("demo")
			.say("Please open")
			.copy("https://login.example/authorize")
			.open("The login stays open", Duration.ofMinutes(5));
		notice.end(true, "Logged in to 'demo'.");
		assertThat(screen()).isEqualTo("https://login.example/authorize\n");
		assertThat(this.alarm.pending).isEmpty();
	}

	@Test
	void outcomeIsOneLineWhateverAServerSays() {
		Notice notice = open(LIVE, "demo", Duration.ofMinutes(10));
		notice.end(false, "HTTP 400 \u001b[2Jinvalid\r\nLogged in to 'demo'.\u202e" + "x".repeat(2000));
		assertThat(screen().lines().reduce((first, second) -> second).orElse("")).hasSize(1000)
			.startsWith("HTTP 400 [2JinvalidLogged in");
	}

	private Notice open(Features features, String subject, Duration time) {
		this.features = features;
		return this.terminal.notice(subject).say("Please.").open("The code works", time);
	}

	private void print(String text) {
		this.console.writeBytes(text.getBytes(StandardCharsets.UTF_8));
	}

	/** What was printed since the last block or call. */
	private String last() {
		String all = this.console.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
		this.console.reset();
		this.all.append(all);
		int rule = all.lastIndexOf("-\n");
		return (rule < 0) ? all : all.substring(rule + 2);
	}

	/** What a person sees, without spaces at the ends of lines. */
	private String screen() {
		last();
		StringBuilder screen = new StringBuilder();
		StringBuilder line = new StringBuilder();
		int column = 0;
		for (char printed : this.all.toString().toCharArray()) {
			switch (printed) {
				case '\r' -> column = 0;
				case '\n' -> {
					screen.append(line.toString().stripTrailing()).append('\n');
					line.setLength(0);
					column = 0;
				}
				default -> {
					if (column < line.length()) {
						line.setCharAt(column, printed);
					}
					else {
						line.append(printed);
					}
					column++;
				}
			}
		}
		return screen.append(line.toString().stripTrailing()).toString();
	}

	/** Time passes when the test says so. */
	private static final class ManualAlarm implements Alarm {

		private final Deque<Runnable> pending = new ArrayDeque<>();

		private long now;

		private long next;

		@Override
		public long nanoTime() {
			return this.now;
		}

		@Override
		public void after(Duration delay, Runnable action) {
			this.pending.add(action);
			this.next = this.now + delay.toNanos();
		}

		void ring() {
			this.now = this.next;
			Runnable action = this.pending.poll();
			if (action != null) {
				action.run();
			}
		}

	}

}
