package io.github.oauth2pkce.sample.authserver;

import org.jspecify.annotations.Nullable;

import org.springframework.http.MediaType;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.util.StringUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.view.RedirectView;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * The pages for the person: enter the code, log in, confirm.
 */
@RestController
class PagesController {

	@GetMapping(path = "/", produces = MediaType.TEXT_HTML_VALUE)
	String home() {
		return Html.page("Demo authorization server", """
				<p>A device wants to log in? <a href="/activate">Enter its code</a>.</p>
				<p>What happened <a href="/wire">on the wire</a>.</p>
				""");
	}

	@GetMapping(path = "/login", produces = MediaType.TEXT_HTML_VALUE)
	String login(CsrfToken csrf, @RequestParam(name = "error", required = false) @Nullable String error) {
		return Html.page("Log in", Html.notice(error, "That was not the right password.") + """
				<form method="post" action="/login">
				<label>User <input name="username" autocomplete="username" autofocus required></label>
				<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
				<input type="hidden" name="%s" value="%s">
				<button>Log in</button>
				</form>
				<p class="hint">This is a demo: the user is <b>alice</b>, the password <b>alice</b>.</p>
				""".formatted(Html.escape(csrf.getParameterName()), Html.escape(csrf.getToken())));
	}

	@GetMapping(path = "/activate", params = "user_code")
	ModelAndView withCode(@RequestParam("user_code") String userCode) {
		String target = UriComponentsBuilder.fromPath("/oauth2/device_verification")
			.queryParam("user_code", "{code}")
			.encode()
			.buildAndExpand(userCode)
			.toUriString();
		RedirectView redirect = new RedirectView(target);
		redirect.setExpandUriTemplateVariables(false);
		return new ModelAndView(redirect);
	}

	@GetMapping(path = "/activate", params = "!user_code", produces = MediaType.TEXT_HTML_VALUE)
	String activate(@RequestParam(name = "error", required = false) @Nullable String error) {
		return Html.page("Connect a device", Html.notice(error, "That code is not valid, or not any more.") + """
				<form method="get" action="/activate">
				<label>The code your device shows
				<input name="user_code" placeholder="XXXX-XXXX" autocomplete="off" autofocus required></label>
				<button>Continue</button>
				</form>
				""");
	}

	@GetMapping(path = "/confirm", produces = MediaType.TEXT_HTML_VALUE)
	String confirm(@RequestParam("user_code") String userCode, @RequestParam("client_id") String clientId,
			@RequestParam("scope") String scope, @RequestParam("state") String state) {
		StringBuilder inputs = new StringBuilder();
		for (String requested : StringUtils.delimitedListToStringArray(scope, " ")) {
			inputs.append(Html.hidden("scope", requested));
		}
		String request = Html.hidden("user_code", userCode) + Html.hidden("client_id", clientId)
				+ Html.hidden("state", state);
		return Html.page("Is this your device?", """
				<p>Your device must show this code now:</p>
				<p class="code">%s</p>
				<p><b>%s</b> asks for: <b>%s</b></p>
				<form method="post" action="/oauth2/device_verification">%s<button>Approve</button></form>
				<form method="post" action="/oauth2/device_verification">%s<button class="plain">Deny</button></form>
				<p class="hint">Someone sent you a link with a code? Then deny.</p>
				""".formatted(Html.escape(userCode), Html.escape(clientId), Html.escape(scope), request + inputs,
				request));
	}

	@GetMapping(path = "/activated", produces = MediaType.TEXT_HTML_VALUE)
	String activated() {
		return Html.page("Device connected", "<p>Your device continues by itself. You can close this page.</p>");
	}

	@GetMapping(path = "/denied", produces = MediaType.TEXT_HTML_VALUE)
	String denied() {
		return Html.page("Device refused", "<p>Nothing was approved. You can close this page.</p>");
	}

}
