package io.github.oauth2pkce.device;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.autoconfigure.Golden;
import io.github.oauth2pkce.terminal.Features;
import io.github.oauth2pkce.terminal.NayukiQrEncoder;
import io.github.oauth2pkce.terminal.Palette;
import io.github.oauth2pkce.terminal.QrReader;
import io.github.oauth2pkce.terminal.Terminal;

import static org.assertj.core.api.Assertions.assertThat;

class ConsoleUserCodePromptTests {

	private static final URI COMPLETE = URI.create("https://login.example/device?user_code=WDJB-MJHT");

	private static final Palette VISIBLE = (tone, text) -> {
		String name = tone.name().toLowerCase(Locale.ROOT);
		return "<" + name + ">" + text + "</" + name + ">";
	};

	private final ByteArrayOutputStream console = new ByteArrayOutputStream();

	@Test
	void printsABlockThatAPersonCanFollow() {
		prompt(null, Duration.ofMinutes(10));
		assertThat(printed()).isEqualTo("""
				------------------------------------------------------------------------
				  Login needed for 'demo'. In a browser, on any device, open

				      https://login.example/device

				  and enter the code

				      WDJB-MJHT

				  The code works for 10 minutes.
				------------------------------------------------------------------------
				""");
	}

	@Test
	void printsTheCodeAlsoBesideTheCompletePage() {
		prompt(URI.create("https://login.example/device?user_code=WDJB-MJHT"), Duration.ofSeconds(1800));
		assertThat(printed()).isEqualTo("""
				------------------------------------------------------------------------
				  Login needed for 'demo'. In a browser, on any device, open

				      https://login.example/device

				  and enter the code

				      WDJB-MJHT

				  or open this page, and check that it shows the same code:

				      https://login.example/device?user_code=WDJB-MJHT

				  The code works for 30 minutes.
				------------------------------------------------------------------------
				""");
	}

	@ParameterizedTest
	@CsvSource({ "1, 1 second.", "59, 59 seconds.", "100, 1 minute 40 seconds.", "120, 2 minutes.",
			"599, 9 minutes 59 seconds." })
	void timeIsWhatTheServerSaid(long seconds, String text) {
		prompt(null, Duration.ofSeconds(seconds));
		assertThat(printed()).contains("  The code works for " + text + "\n");
	}

	@Test
	void hostileAnswerPrintsNothingThatATerminalObeys() throws Exception {
		try (DeviceWorld world = new DeviceWorld()) {
			world.server.device()
				.approveAtOnce()
				.answer()
				.put("user_code", "\u001b]0;owned\u0007WDJB\r\u202e\u2028-MJHT\u009b2J")
				.put("verification_uri_complete", "https://login.example/\u001b[8m?user_code=WDJB-MJHT");
			world.login(world.provider().build(), new ConsoleUserCodePrompt(this::stream)::prompt);
		}
		assertThat(printed()).contains("WDJB-MJHT").doesNotContain("user_code=");
		assertThat(printed().replace("\n", "")).matches("[\\x20-\\x7e]*");
	}

	@Test
	void asksForTheConsoleEachTimeAndPrintsABlockAtOnce() {
		AtomicInteger asked = new AtomicInteger();
		AtomicInteger writes = new AtomicInteger();
		ConsoleUserCodePrompt prompt = new ConsoleUserCodePrompt(() -> {
			asked.incrementAndGet();
			return new PrintStream(this.console, false, StandardCharsets.UTF_8) {
				@Override
				public void print(@Nullable String text) {
					writes.incrementAndGet();
					super.print(text);
				}
			};
		});
		prompt.prompt(userCode(null, Duration.ofMinutes(1)));
		prompt.prompt(userCode(null, Duration.ofMinutes(1)));
		assertThat(asked).hasValue(2);
		assertThat(writes).hasValue(2);
		assertThat(printed()).as("flushed").isNotEmpty();
	}

	@Test
	void onATerminalThereIsAQrCodeInInkOnPaper() {
		String printed = onTerminal(new Features(true, true, 80, true, VISIBLE), COMPLETE);
		assertThat(QrReader.read(printed.replaceAll("</?paper>", ""), false)).isEqualTo(COMPLETE.toString());
		Golden.assertSame("terminal/colors.txt", printed);
	}

	@Test
	void withoutColorsTheQrCodeIsInTheTerminalsOwn() {
		String printed = onTerminal(new Features(true, true, 80, true, Palette.NONE), COMPLETE);
		assertThat(QrReader.read(printed, true)).isEqualTo(COMPLETE.toString());
		Golden.assertSame("terminal/no-color.txt", printed);
	}

	@Test
	void withoutACompletePageTheQrCodeIsThePage() {
		String printed = onTerminal(new Features(true, true, 80, true, Palette.NONE), (URI) null);
		assertThat(QrReader.read(printed, true)).isEqualTo("https://login.example/device");
		Golden.assertSame("terminal/no-complete-page.txt", printed);
	}

	@Test
	void narrowTerminalGetsNoQrCode() {
		Golden.assertSame("terminal/narrow.txt",
				onTerminal(new Features(true, true, 38, true, Palette.NONE), COMPLETE));
	}

	@Test
	void terminalThatCannotShowBlocksGetsNoQrCode() {
		Golden.assertSame("terminal/no-blocks.txt",
				onTerminal(new Features(true, true, 80, false, Palette.NONE), COMPLETE));
	}

	@Test
	void loginThatMayNotLastIsNotToldAsAGoodOne() {
		ConsoleUserCodePrompt prompt = new ConsoleUserCodePrompt(
				new Terminal(this::stream, () -> new Features(true, true, 80, true, VISIBLE), null));
		UserCode userCode = userCode(null, Duration.ofMinutes(10));
		prompt.prompt(userCode);
		prompt.endedUnsaved(userCode);
		prompt.ended(userCode, null);
		assertThat(printed()).endsWith("\r<bad>Logged in to 'demo', but the login could not be saved:"
				+ " it will be lost on restart unless the store becomes writable.</bad>\n");
	}

	@Test
	void dumbTerminalGetsTextOnly() {
		Golden.assertSame("terminal/plain.txt", onTerminal(Features.PLAIN, COMPLETE));
	}

	/** Its lines may have to be JSON; the log has said everything. */
	@Test
	void pipeGetsNothing() {
		assertThat(onTerminal(Features.PIPE, COMPLETE)).isEqualTo("--- or ---\n");
	}

	@Test
	void withoutTheLibraryThereIsNoQrCode() {
		ConsoleUserCodePrompt prompt = new ConsoleUserCodePrompt(
				new Terminal(this::stream, () -> new Features(true, true, 80, true, Palette.NONE), null));
		prompt.prompt(userCode(COMPLETE, Duration.ofMinutes(10)));
		assertThat(printed()).contains(COMPLETE.toString()).doesNotContain("scan", "█");
	}

	/** No phone can open it. */
	@Test
	void pageOnThisMachineIsOfferedToNoOtherDevice() {
		UserCode userCode = new UserCode("demo", "WDJB-MJHT", URI.create("http://127.0.0.1:9000/device"),
				URI.create("http://127.0.0.1:9000/device?user_code=WDJB-MJHT"), Duration.ofMinutes(10));
		Golden.assertSame("terminal/loopback.txt",
				onTerminal(new Features(true, true, 80, true, Palette.NONE), userCode));
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://127.0.0.1:9000/device", "http://127.8.4.1/device", "http://[::1]:9000/device",
			"http://localhost/device", "https://LOCALHOST:8443/device" })
	void loopbackPageWithoutACompleteOneHasNoQrCodeEither(URI page) {
		String printed = onTerminal(new Features(true, true, 80, true, Palette.NONE),
				new UserCode("demo", "WDJB-MJHT", page, null, Duration.ofMinutes(10)));
		assertThat(printed).contains(page.toString(), "on this machine").doesNotContain("any device", "phone", "█");
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://127.example/device", "https://localhost.example/device",
			"https://192.168.1.7/device" })
	void pageOfAHostThatIsMerelyCalledSimilarlyHasItsQrCode(URI page) {
		String printed = onTerminal(new Features(true, true, 80, true, Palette.NONE),
				new UserCode("demo", "WDJB-MJHT", page, null, Duration.ofMinutes(10)));
		assertThat(QrReader.read(printed, true)).isEqualTo(page.toString());
		assertThat(printed).contains("on any device");
	}

	private String onTerminal(Features features, @Nullable URI complete) {
		return onTerminal(features, userCode(complete, Duration.ofMinutes(10)));
	}

	/** The prompt and both ends that it may have; what is not text made visible. */
	private String onTerminal(Features features, UserCode userCode) {
		Terminal terminal = new Terminal(this::stream, () -> features, new NayukiQrEncoder());
		ConsoleUserCodePrompt prompt = new ConsoleUserCodePrompt(terminal);
		prompt.prompt(userCode);
		this.console.reset();
		prompt.ended(userCode, null);
		String good = printed();
		this.console.reset();
		prompt.prompt(userCode);
		prompt.ended(userCode, new IllegalStateException("The login was denied"));
		prompt.ended(userCode, null);
		return (printed() + "--- or ---\n" + good).replace("\r", "␍");
	}

	private void prompt(@Nullable URI complete, Duration expiresIn) {
		new ConsoleUserCodePrompt(this::stream).prompt(userCode(complete, expiresIn));
	}

	private static UserCode userCode(@Nullable URI complete, Duration expiresIn) {
		return new UserCode("demo", "WDJB-MJHT", URI.create("https://login.example/device"), complete, expiresIn);
	}

	private PrintStream stream() {
		return new PrintStream(this.console, false, StandardCharsets.UTF_8);
	}

	private String printed() {
		return this.console.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
	}

}
