package io.github.oauth2pkce.code;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.web.util.HtmlUtils;

/**
 * A page for the person in the browser. It loads nothing and runs nothing, may not be
 * kept or framed, and tells no other site its address, which holds the code.
 *
 * @param status the HTTP status
 * @param title what happened
 * @param text the same as sentences, escaped when written
 */
public record CallbackPage(int status, String title, String text) {

	private static final String STYLE = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;"
			+ "padding:0 1rem;color:#222;background:#fff;overflow-wrap:anywhere}h1{font-size:1.5rem}"
			+ "@media(prefers-color-scheme:dark){body{color:#ddd;background:#1b1b1b}}";

	private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'sha256-" + digest(STYLE)
			+ "'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

	static CallbackPage loggedIn(String providerId, @Nullable String application) {
		return new CallbackPage(200, "Logged in", "You are logged in to \u201c" + providerId
				+ "\u201d. You can close this window and go back to " + name(application) + ".");
	}

	/** It works for now, which a log alone would not tell the person. */
	static CallbackPage notSaved(String providerId, @Nullable String application) {
		return new CallbackPage(200, "Logged in, but not saved",
				"You are logged in to \u201c" + providerId + "\u201d, but the login could not be saved:"
						+ " it may be gone when " + name(application) + " ends. You can close this window.");
	}

	static CallbackPage failed(int status, String providerId, String problem) {
		return new CallbackPage(status, "Not logged in", problem + ". You are not logged in to \u201c" + providerId
				+ "\u201d. You can close this window; to try again, start the login anew in the application.");
	}

	private static String name(@Nullable String application) {
		return (application != null) ? "\u201c" + application + "\u201d" : "the application";
	}

	/** The login that waits is not told, and goes on waiting. */
	static CallbackPage ignored(int status, String problem) {
		return new CallbackPage(status, "Not accepted", problem + ".");
	}

	/** For an answer that {@link IssuerCheck} refuses. */
	public static CallbackPage otherServer() {
		return ignored(400, "This answer does not come from the server that was asked");
	}

	public Map<String, String> headers() {
		Map<String, String> headers = new LinkedHashMap<>();
		headers.put("Content-Type", "text/html; charset=utf-8");
		headers.put("Content-Security-Policy", CONTENT_SECURITY_POLICY);
		headers.put("Cache-Control", "no-store");
		headers.put("X-Content-Type-Options", "nosniff");
		headers.put("X-Frame-Options", "DENY");
		headers.put("Referrer-Policy", "no-referrer");
		return headers;
	}

	/** The empty icon keeps browsers from asking for one. */
	public byte[] body() {
		return """
				<!DOCTYPE html>
				<html lang="en"><head><meta charset="utf-8"><title>%1$s</title>
				<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
				<style>%3$s</style></head>
				<body><h1>%1$s</h1><p>%2$s</p></body></html>
				"""
			.formatted(HtmlUtils.htmlEscape(this.title, "UTF-8"), HtmlUtils.htmlEscape(this.text, "UTF-8"), STYLE)
			.getBytes(StandardCharsets.UTF_8);
	}

	private static String digest(String text) {
		try {
			return Base64.getEncoder()
				.encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("This Java platform has no SHA-256", ex);
		}
	}

}
