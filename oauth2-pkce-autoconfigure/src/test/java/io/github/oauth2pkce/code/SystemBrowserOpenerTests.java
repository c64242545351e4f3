package io.github.oauth2pkce.code;

import java.awt.AWTError;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class SystemBrowserOpenerTests {

	private static final URI PAGE = URI.create("https://login.test/authorize?a=b&c=d");

	private final List<List<String>> launched = new ArrayList<>();

	@Test
	void opensBySystem() {
		assertThat(opener("Linux", false, Map.of("DISPLAY", ":0")).open(PAGE)).isTrue();
		assertThat(opener("Linux", false, Map.of("WAYLAND_DISPLAY", "wayland-0")).open(PAGE)).isTrue();
		assertThat(opener("Mac OS X", false, Map.of()).open(PAGE)).isTrue();
		assertThat(opener("Windows 11", false, Map.of()).open(PAGE)).isTrue();
		assertThat(this.launched).containsExactly(List.of("xdg-open", PAGE.toString()),
				List.of("xdg-open", PAGE.toString()), List.of("open", PAGE.toString()),
				List.of("rundll32", "url.dll,FileProtocolHandler", PAGE.toString()));
	}

	@Test
	void opensNothingAsRoot() {
		SystemBrowserOpener opener = new SystemBrowserOpener("Linux", true, Map.of("DISPLAY", ":0"), (page) -> true,
				this.launched::add);
		assertThat(opener.open(PAGE)).isFalse();
		assertThat(this.launched).isEmpty();
	}

	@Test
	void opensNothingWithoutDisplay() {
		assertThat(opener("Linux", false, Map.of()).open(PAGE)).isFalse();
		assertThat(this.launched).isEmpty();
	}

	@Test
	void opensNothingButPagesOfTheWeb() {
		assertThat(opener("Mac OS X", false, Map.of()).open(URI.create("file:///bin/sh"))).isFalse();
		assertThat(this.launched).isEmpty();
	}

	@Test
	void prefersTheDesktopOfTheRuntime() {
		SystemBrowserOpener opener = new SystemBrowserOpener("Mac OS X", false, Map.of(), (page) -> true,
				this.launched::add);
		assertThat(opener.open(PAGE)).isTrue();
		assertThat(this.launched).isEmpty();
	}

	/** As in a development container, whose command opens a browser elsewhere. */
	@ParameterizedTest
	@CsvSource({ "firefox, firefox PAGE", "/bin/browser.sh, /bin/browser.sh PAGE",
			"chromium --new-window %s, chromium --new-window PAGE", "open-url --url=%s -q, open-url --url=PAGE -q",
			"'\"/a b/c\" %s', /a b/c|PAGE", "w3m:lynx:/usr/bin/links:firefox, firefox PAGE",
			"':: firefox :', firefox PAGE" })
	void opensByTheCommandOfTheEnvironment(String browser, String expected) {
		for (boolean root : List.of(true, false)) {
			assertThat(opener("Linux", root, Map.of("BROWSER", browser)).open(PAGE)).isTrue();
			assertThat(this.launched.remove(0))
				.isEqualTo(Stream.of(expected.split(expected.contains("|") ? "\\|" : " "))
					.map(SystemBrowserOpenerTests::page)
					.toList());
		}
		assertThat(this.launched).isEmpty();
	}

	private static String page(String word) {
		return word.replace("PAGE", PAGE.toString());
	}

	@Test
	void triesTheCommandsOfTheEnvironmentInTurnAndThenTheDesktop() {
		List<List<String>> tried = new ArrayList<>();
		SystemBrowserOpener opener = new SystemBrowserOpener("Linux", false,
				Map.of("BROWSER", "first:second", "DISPLAY", ":0"), (page) -> false, (command) -> {
					tried.add(command);
					return false;
				});
		assertThat(opener.open(PAGE)).isFalse();
		assertThat(tried).extracting((command) -> command.get(0)).containsExactly("first", "second", "xdg-open");
	}

	@Test
	void commandMayBeAFileWithBlanksInItsName(@TempDir Path directory) throws IOException {
		Path file = Files.createFile(directory.resolve("my browser"));
		assertThat(opener("Linux", false, Map.of("BROWSER", file.toString())).open(PAGE)).isTrue();
		assertThat(this.launched).containsExactly(List.of(file.toString(), PAGE.toString()));
	}

	@Test
	void separatesCommandsAsTheSystemSeparatesPaths() {
		assertThat(opener("Windows 11", false, Map.of("BROWSER", "C:\\b.exe;other")).open(PAGE)).isTrue();
		assertThat(this.launched).containsExactly(List.of("C:\\b.exe", PAGE.toString()));
	}

	@Test
	void runsTheCommandOfTheEnvironment(@TempDir Path directory) throws Exception {
		Path opened = directory.resolve("opened");
		Path script = Files.writeString(directory.resolve("browser"), "#!/bin/sh\necho \"$2\" > \"$1\"\n");
		assumeTrue(script.toFile().setExecutable(true) && new File("/bin/sh").canExecute());
		SystemBrowserOpener opener = new SystemBrowserOpener("Linux", true,
				Map.of("BROWSER", script + " " + opened + " %s"));
		assertThat(opener.open(PAGE)).isTrue();
		assertThat(opened).hasContent(PAGE.toString());
	}

	@Test
	void desktopThatFailsLeavesTheOtherWay() {
		SystemBrowserOpener opener = new SystemBrowserOpener("Mac OS X", false, Map.of(), (page) -> {
			throw new AWTError("Can't connect to X11 window server");
		}, this.launched::add);
		assertThat(opener.open(PAGE)).isTrue();
		assertThat(this.launched).containsExactly(List.of("open", PAGE.toString()));
	}

	private SystemBrowserOpener opener(String system, boolean root, Map<String, String> environment) {
		return new SystemBrowserOpener(system, root, environment, (page) -> false, this.launched::add);
	}

}
