package io.github.oauth2pkce.testing.spring;

import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Optional;

import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.testing.Browser;

/** A user who goes wherever the pages send them, with a server that grants at once. */
final class TestBrowser implements BrowserOpener {

	private static final int MOST_REDIRECTS = 10;

	@Override
	public boolean open(URI page) {
		Thread user = new Thread(() -> follow(page), "test-browser");
		user.setDaemon(true);
		user.start();
		return true;
	}

	private static void follow(URI page) {
		Browser browser = new Browser();
		Optional<URI> next = Optional.of(page);
		for (int i = 0; i < MOST_REDIRECTS && next.isPresent(); i++) {
			URI here = next.get();
			HttpResponse<String> response = browser.get(here);
			next = response.headers().firstValue("Location").map(here::resolve);
		}
	}

}
