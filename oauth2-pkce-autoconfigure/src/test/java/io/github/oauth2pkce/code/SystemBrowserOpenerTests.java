package io.github.oauth2pkce.code;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

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

	private SystemBrowserOpener opener(String system, boolean root, Map<String, String> environment) {
		return new SystemBrowserOpener(system, root, environment, (page) -> false, this.launched::add);
	}

}
