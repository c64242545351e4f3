package io.github.oauth2pkce.code;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.terminal.Terminal;

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

	private void prompt(BrowserOpener opener) {
		new BrowserPrompt(Terminal.plain(() -> new PrintStream(this.console, true, StandardCharsets.UTF_8)), opener)
			.prompt(Provider.withId("main", "cli").build(), PAGE, Duration.ofMinutes(5))
			.end(false, "Not logged in to 'main': The login was cancelled");
	}

}
