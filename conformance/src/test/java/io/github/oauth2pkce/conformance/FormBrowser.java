package io.github.oauth2pkce.conformance;

import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.oauth2pkce.code.BrowserOpener;

/**
 * A person who fills in every form of a server's pages and sends it off. Each call is a
 * new private window.
 */
final class FormBrowser implements BrowserOpener {

	private static final int MAX_PAGES = 10;

	private static final Pattern FORM = Pattern.compile("(?s)<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>");

	private static final Pattern INPUT = Pattern.compile("<input[^>]*\\bname=\"([^\"]*)\"[^>]*>");

	private static final Pattern VALUE = Pattern.compile("\\bvalue=\"([^\"]*)\"");

	@Override
	public boolean open(URI page) {
		Thread thread = new Thread(() -> visit(page), "browser");
		thread.setDaemon(true);
		thread.start();
		return true;
	}

	/**
	 * Goes through the pages until one has no form.
	 * @return the text of that page
	 */
	String visit(URI page) {
		HttpClient http = HttpClient.newBuilder()
			.cookieHandler(new CookieManager())
			.followRedirects(HttpClient.Redirect.ALWAYS)
			.connectTimeout(Duration.ofSeconds(5))
			.build();
		HttpResponse<String> response = send(http, HttpRequest.newBuilder(page));
		for (int i = 0; i < MAX_PAGES; i++) {
			Matcher form = FORM.matcher(response.body());
			if (!form.find()) {
				return response.body();
			}
			response = send(http,
					HttpRequest.newBuilder(response.uri().resolve(form.group(1).replace("&amp;", "&")))
						.header("Content-Type", "application/x-www-form-urlencoded")
						.POST(BodyPublishers.ofString(fields(form.group(2)))));
		}
		throw new IllegalStateException("Still a form after " + MAX_PAGES + " pages: " + response.uri());
	}

	private static String fields(String form) {
		StringJoiner fields = new StringJoiner("&");
		Matcher input = INPUT.matcher(form);
		while (input.find()) {
			Matcher value = VALUE.matcher(input.group());
			String text = value.find() ? value.group(1) : "alice";
			fields.add(input.group(1) + "=" + URLEncoder.encode(text, StandardCharsets.UTF_8));
		}
		return fields.toString();
	}

	private static HttpResponse<String> send(HttpClient http, HttpRequest.Builder request) {
		try {
			return http.send(request.timeout(Duration.ofSeconds(10)).build(), BodyHandlers.ofString());
		}
		catch (java.io.IOException ex) {
			throw new java.io.UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
