package io.github.oauth2pkce.keycloak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The person at the login pages. Every call is a new private window: nobody is logged in
 * yet. Throws {@link IllegalStateException} naming the page when the pages take another
 * course than the method promises. Thread-safe.
 */
public final class KeycloakBrowser {

	private static final Pattern HIDDEN_CODE = Pattern.compile("name=\"code\" value=\"([^\"]*)\"");

	private final HttpClient http;

	KeycloakBrowser() {
		this(HttpClient.newBuilder());
	}

	/**
	 * A person whose browser trusts the server's certificate.
	 */
	KeycloakBrowser(KeycloakTls tls) {
		this(HttpClient.newBuilder().sslContext(tls.trust()));
	}

	private KeycloakBrowser(HttpClient.Builder http) {
		this.http = http.connectTimeout(Duration.ofSeconds(5)).build();
	}

	/**
	 * Log in at a {@code verification_uri_complete} and grant the device access.
	 */
	public void approve(String verificationUriComplete, String username, String password) {
		Page page = answerConsent(verificationUriComplete, username, password, "accept");
		page.require(page.at.getPath().endsWith("/device/status") && page.at.getQuery() == null);
	}

	/**
	 * Log in at a {@code verification_uri_complete} and refuse the device access.
	 */
	public void deny(String verificationUriComplete, String username, String password) {
		Page page = answerConsent(verificationUriComplete, username, password, "cancel");
		page.require(page.at.toString().endsWith("/device/status?error=access_denied"));
	}

	/**
	 * Log in at an authorization request of the code flow, consent if asked to, and
	 * return the redirect to the client, which is not followed. A server that refuses the
	 * request redirects as well, without a login.
	 */
	public URI authorize(String authorizationRequest, String username, String password) {
		Window window = new Window(this.http, URI.create(authorizationRequest));
		Page page = window.get(URI.create(authorizationRequest));
		if (!page.isRedirectToClient()) {
			page = window.logIn(page, username, password);
		}
		if (!page.isRedirectToClient()) {
			page = window.consent(page, "accept");
		}
		page.require(page.isRedirectToClient());
		return page.at;
	}

	private Page answerConsent(String verificationUriComplete, String username, String password, String button) {
		URI start = URI.create(verificationUriComplete);
		Window window = new Window(this.http, start);
		Page page = window.logIn(window.get(start), username, password);
		// Keycloak asks for consent on the device grant, also if the client requires
		// none.
		return window.consent(page, button);
	}

	/**
	 * Where a request led to, after all redirects within the server.
	 */
	private record Page(URI at, int status, String content) {

		boolean isRedirectToClient() {
			return this.status == 0;
		}

		URI formAction(String part) {
			Matcher form = Pattern.compile("action=\"([^\"]*" + Pattern.quote(part) + "[^\"]*)\"")
				.matcher(this.content);
			require(form.find());
			return this.at.resolve(form.group(1).replace("&amp;", "&"));
		}

		void require(boolean expected) {
			if (!expected) {
				// Without the query, which may hold a code.
				throw new IllegalStateException(
						"Did not expect to be at " + this.at.getPath() + ", status " + this.status + ": "
								+ this.content.replaceAll("(?s)<(script|style).*?</\\1>|<[^>]*>", " ")
									.replaceAll("\\s+", " ")
									.strip());
			}
		}

	}

	/**
	 * Carries cookies by hand: Keycloak marks them {@code Secure} on plain http too.
	 * Browsers send such cookies to a loopback host, {@link java.net.CookieManager} does
	 * not.
	 */
	private static final class Window {

		private static final int MAX_REDIRECTS = 10;

		private final HttpClient http;

		private final String origin;

		private final Map<String, String> cookies = new LinkedHashMap<>();

		Window(HttpClient http, URI start) {
			this.http = http;
			this.origin = start.getScheme() + "://" + start.getAuthority() + "/";
		}

		Page logIn(Page loginPage, String username, String password) {
			return post(loginPage.formAction("login-actions/authenticate"),
					Map.of("username", username, "password", password));
		}

		Page consent(Page page, String button) {
			Matcher code = HIDDEN_CODE.matcher(page.content);
			page.require(code.find());
			return post(page.formAction("login-actions/consent"), Map.of("code", code.group(1), button, "x"));
		}

		Page get(URI uri) {
			URI target = uri;
			for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
				Page page = follow(send(HttpRequest.newBuilder(target)), target);
				if (page.status != 302) {
					return page;
				}
				target = page.at;
			}
			throw new IllegalStateException("More than " + MAX_REDIRECTS + " redirects from " + uri.getPath());
		}

		Page post(URI uri, Map<String, String> form) {
			String body = form.entrySet()
				.stream()
				.map((field) -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
				.collect(Collectors.joining("&"));
			Page page = follow(send(HttpRequest.newBuilder(uri)
				.header("Content-Type", "application/x-www-form-urlencoded")
				.POST(BodyPublishers.ofString(body))), uri);
			return (page.status != 302) ? page : get(page.at);
		}

		private Page follow(HttpResponse<String> response, URI requested) {
			if (response.statusCode() / 100 != 3) {
				return new Page(requested, response.statusCode(), response.body());
			}
			URI location = requested.resolve(response.headers().firstValue("Location").orElseThrow());
			return new Page(location, location.toString().startsWith(this.origin) ? 302 : 0, "");
		}

		private HttpResponse<String> send(HttpRequest.Builder request) {
			if (!this.cookies.isEmpty()) {
				request.header("Cookie",
						this.cookies.entrySet()
							.stream()
							.map((cookie) -> cookie.getKey() + "=" + cookie.getValue())
							.collect(Collectors.joining("; ")));
			}
			try {
				HttpResponse<String> response = this.http.send(request.timeout(Duration.ofSeconds(30)).build(),
						BodyHandlers.ofString());
				response.headers().allValues("Set-Cookie").forEach(this::keep);
				return response;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IllegalStateException("Interrupted at a login page", ex);
			}
		}

		private void keep(String setCookie) {
			String[] nameAndValue = setCookie.split(";", 2)[0].split("=", 2);
			if (nameAndValue[1].isEmpty() || setCookie.contains("Max-Age=0")) {
				this.cookies.remove(nameAndValue[0]);
			}
			else {
				this.cookies.put(nameAndValue[0], nameAndValue[1]);
			}
		}

	}

}
