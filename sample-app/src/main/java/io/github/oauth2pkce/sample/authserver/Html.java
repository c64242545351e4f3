package io.github.oauth2pkce.sample.authserver;

import org.jspecify.annotations.Nullable;

import org.springframework.web.util.HtmlUtils;

/**
 * The frame of every page; no scripts, nothing from elsewhere.
 */
final class Html {

	private static final String FRAME = """
			<!doctype html>
			<html lang="en">
			<head>
			<meta charset="utf-8">
			<meta name="viewport" content="width=device-width, initial-scale=1">
			<meta name="color-scheme" content="light dark">
			<title>%1$s</title>
			<style>
			body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #f3f4f6; color: #1f2937 }
			main { max-width: 24rem; margin: 10vh auto; padding: 2rem; background: #fff; border-radius: .75rem }
			h1 { margin: 0 0 1rem; font-size: 1.4rem }
			label, input, button { display: block; width: 100%%; box-sizing: border-box; font: inherit }
			input { margin: .25rem 0 1rem; padding: .5rem; border: 1px solid #9ca3af; border-radius: .4rem }
			button { margin: .5rem 0; padding: .6rem; border: 0; border-radius: .4rem; background: #166534; color: #fff }
			button.plain { background: #e5e7eb; color: #1f2937 }
			.code { font: 700 1.8rem ui-monospace, monospace; letter-spacing: .1em; text-align: center }
			.hint { color: #4b5563; font-size: .9rem }
			.notice { padding: .5rem; background: #fee2e2; border-radius: .4rem }
			@media (prefers-color-scheme: dark) {
			body { background: #121413; color: #e8ebe9 }
			main { background: #1a1d1c }
			a { color: #63cfa3 }
			input { background: #121413; color: #e8ebe9; border-color: #4a514e }
			button { background: #63cfa3; color: #06251a }
			button.plain { background: #2c312f; color: #e8ebe9 }
			.hint { color: #a1a9a5 }
			.notice { background: #4c1d1d }
			}
			</style>
			</head>
			<body><main><h1>%1$s</h1>
			%2$s</main></body>
			</html>
			""";

	private Html() {
	}

	static String page(String title, String content) {
		return FRAME.formatted(escape(title), content);
	}

	static String notice(@Nullable String trigger, String text) {
		return (trigger != null) ? "<p class=\"notice\" role=\"alert\">" + escape(text) + "</p>\n" : "";
	}

	static String hidden(String name, String value) {
		return "<input type=\"hidden\" name=\"" + escape(name) + "\" value=\"" + escape(value) + "\">";
	}

	static String escape(String text) {
		return HtmlUtils.htmlEscape(text);
	}

}
