package io.github.oauth2pkce.conformance;

import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

import io.github.oauth2pkce.code.BrowserOpener;

/**
 * A person who agrees to everything: gets the page, keeps its cookies and follows its
 * redirects, over the suite's authorization endpoint back to the listener of the login.
 */
class HeadlessBrowser implements BrowserOpener {

	private final HttpClient http = HttpClient.newBuilder()
		.cookieHandler(new CookieManager())
		.followRedirects(HttpClient.Redirect.ALWAYS)
		.connectTimeout(Duration.ofSeconds(5))
		.build();

	@Override
	public boolean open(URI page) {
		HttpRequest request = HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(10)).build();
		this.http.sendAsync(request, BodyHandlers.discarding());
		return true;
	}

}
