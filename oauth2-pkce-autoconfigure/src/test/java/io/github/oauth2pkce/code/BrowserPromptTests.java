package io.github.oauth2pkce.code;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import ch.qos.logback.classic.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.terminal.Features;
import io.github.oauth2pkce.terminal.Terminal;
import io.github.oauth2pkce.testing.LogCapture;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class BrowserPromptTests {

	private static final URI PAGE = URI.create("https://login.test/authorize?state=s3cret-state");

	private final ByteArrayOutputStream console = new ByteArrayOutputStream();

	@Test
	void printsThePageOnALineOfItsOwnAndOpensIt() {
		List<URI> opened = new ArrayList<>();
		prompt(opened::add);
		assertThat(this.console.toString(StandardCharsets.UTF_8).lines()).contains(PAGE.toString())
			.anyMatch((line) -> line.contains("Login needed for 'main'"))
			.anyMatch((line) -> line.contains("5 minutes"))
			.endsWith("Not logged in to 'main': The login was cancelled");
		assertThat(opened).containsExactly(PAGE);
	}

	@Test
	void staysSilentAboutThePageWhenNoBrowserOpens(CapturedOutput output) {
		prompt((page) -> {
			throw new IllegalStateException("Cannot open " + page);
		});
		assertThat(this.console.toString(StandardCharsets.UTF_8)).contains(PAGE.toString());
		assertThat(output).contains("No browser was opened").doesNotContain("s3cret-state");
	}

	@Test
	void openerThatLacksAClassCostsNoLogin(CapturedOutput output) {
		prompt((page) -> {
			throw new NoClassDefFoundError("java/awt/Desktop for " + page);
		});
		assertThat(this.console.toString(StandardCharsets.UTF_8)).contains(PAGE.toString());
		assertThat(output).contains("No browser was opened", "java.lang.NoClassDefFoundError")
			.doesNotContain("s3cret-state");
	}

	/** A person decides where to log in, also where no sentence is printed. */
	@Test
	void pipeHasThePageAndTheLogHasWhoAsksForTheLogin() {
		try (LogCapture log = LogCapture.ofEvents(Level.INFO)) {
			log.attach();
			new BrowserPrompt(new Terminal(this::out, () -> Features.PIPE, null), (page) -> true)
				.prompt(Provider.withId("tools")
					.resourceUri(URI.create("https://tools.test/mcp"))
					.issuerUri("https://issuer.test")
					.build(), PAGE, Duration.ofMinutes(5));
			assertThat(this.console.toString(StandardCharsets.UTF_8).strip()).isEqualTo(PAGE.toString());
			assertThat(log.events("oauth2_login_page_shown")).singleElement().satisfies((event) -> {
				assertThat(LogCapture.pairs(event)).containsEntry("provider", "tools")
					.containsEntry("resource", "https://tools.test/mcp")
					.containsEntry("issuer", "https://issuer.test");
				assertThat(event.getFormattedMessage())
					.contains("to use https://tools.test/mcp. It asks you to log in at https://issuer.test")
					.doesNotContain("s3cret-state");
			});
		}
	}

	private PrintStream out() {
		return new PrintStream(this.console, true, StandardCharsets.UTF_8);
	}

	private void prompt(BrowserOpener opener) {
		new BrowserPrompt(Terminal.plain(this::out), opener)
			.prompt(Provider.withId("main", "cli").build(), PAGE, Duration.ofMinutes(5))
			.end(false, "Not logged in to 'main': The login was cancelled");
	}

}
