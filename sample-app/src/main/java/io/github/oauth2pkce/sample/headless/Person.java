package io.github.oauth2pkce.sample.headless;

import java.io.IOException;
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
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Does in the browser what a person does: opens the link, logs in, confirms the code. One
 * instance is one browser session.
 */
public final class Person {

	private static final Pattern FORM = Pattern.compile("<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>",
			Pattern.DOTALL);

	private static final Pattern INPUT = Pattern.compile("<input([^>]*)>");

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

	/**
	 * By hand: the JDK's cookie manager keeps Secure cookies from plain HTTP, even on
	 * loopback.
	 */
	private final Map<String, String> cookies = new LinkedHashMap<>();

	private final String user;

	private final String password;

	public Person(String user, String password) {
		this.user = user;
		this.password = password;
	}

	/**
	 * Approves the login behind the link.
	 * @param verificationUriComplete the link with the code in it
	 * @throws IOException if a page cannot be had or is not the expected one
	 * @throws InterruptedException if interrupted meanwhile
	 */
	public void approve(URI verificationUriComplete) throws IOException, InterruptedException {
		answer(verificationUriComplete, 0);
	}

	/**
	 * Denies the login behind the link.
	 * @param verificationUriComplete the link with the code in it
	 * @throws IOException if a page cannot be had or is not the expected one
	 * @throws InterruptedException if interrupted meanwhile
	 */
	public void deny(URI verificationUriComplete) throws IOException, InterruptedException {
		answer(verificationUriComplete, 1);
	}

	/**
	 * Opens the link and does nothing there.
	 * @param link what to open
	 * @throws IOException if the page cannot be had
	 * @throws InterruptedException if interrupted meanwhile
	 */
	public void look(URI link) throws IOException, InterruptedException {
		open(link);
	}

	private void answer(URI verificationUriComplete, int form) throws IOException, InterruptedException {
		Page login = open(verificationUriComplete);
		Page confirm = submit(login, 0, Map.of("username", this.user, "password", this.password));
		Page done = submit(confirm, form, Map.of());
		if (FORM.matcher(done.html()).find()) {
			throw new IOException("Ended at %s, which still wants an answer".formatted(done.address().getPath()));
		}
	}

	private Page submit(Page page, int index, Map<String, String> answers) throws IOException, InterruptedException {
		List<MatchResult> forms = FORM.matcher(page.html()).results().toList();
		if (forms.size() <= index) {
			throw new IOException("Too few forms at " + page.address().getPath());
		}
		MatchResult form = forms.get(index);
		Map<String, String> fields = new LinkedHashMap<>();
		Matcher input = INPUT.matcher(form.group(2));
		while (input.find()) {
			fields.put(attribute(input.group(1), "name"), attribute(input.group(1), "value"));
		}
		fields.putAll(answers);
		String body = fields.entrySet()
			.stream()
			.map((field) -> encode(field.getKey()) + "=" + encode(field.getValue()))
			.collect(Collectors.joining("&"));
		HttpRequest.Builder request = HttpRequest.newBuilder(page.address().resolve(unescape(form.group(1))))
			.header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString(body));
		return follow(request);
	}

	private Page open(URI address) throws IOException, InterruptedException {
		return follow(HttpRequest.newBuilder(address));
	}

	private Page follow(HttpRequest.Builder first) throws IOException, InterruptedException {
		HttpRequest.Builder request = first;
		for (int hops = 0; hops < 10; hops++) {
			HttpRequest sent = withCookies(request).build();
			HttpResponse<String> answer = this.http.send(sent, BodyHandlers.ofString());
			keepCookies(answer.headers().allValues("Set-Cookie"));
			String location = answer.headers().firstValue("Location").orElse(null);
			if (location == null) {
				if (answer.statusCode() != 200) {
					throw new IOException(sent.uri().getPath() + " answered " + answer.statusCode());
				}
				return new Page(sent.uri(), answer.body());
			}
			request = HttpRequest.newBuilder(sent.uri().resolve(location));
		}
		throw new IOException("Too many redirects");
	}

	private HttpRequest.Builder withCookies(HttpRequest.Builder request) {
		request.timeout(TIMEOUT).header("Accept", "text/html");
		if (!this.cookies.isEmpty()) {
			request.header("Cookie",
					this.cookies.entrySet()
						.stream()
						.map((cookie) -> cookie.getKey() + "=" + cookie.getValue())
						.collect(Collectors.joining("; ")));
		}
		return request;
	}

	private void keepCookies(List<String> headers) {
		for (String header : headers) {
			String[] cookie = header.split(";", 2)[0].split("=", 2);
			this.cookies.put(cookie[0].trim(), cookie[1]);
		}
	}

	private static String attribute(String attributes, String name) {
		Matcher matcher = Pattern.compile("\\b" + name + "=\"([^\"]*)\"").matcher(attributes);
		return matcher.find() ? unescape(matcher.group(1)) : "";
	}

	private static String unescape(String html) {
		return html.replace("&quot;", "\"")
			.replace("&#39;", "'")
			.replace("&lt;", "<")
			.replace("&gt;", ">")
			.replace("&amp;", "&");
	}

	private static String encode(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	private record Page(URI address, String html) {

	}

}
