package io.github.oauth2pkce.sample.authserver;

import java.util.Objects;

import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.MediaType;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Asks the person in a login by browser. Anybody may register under any name, so the page
 * does not ask whether the name is right.
 */
@RestController
class ConsentController {

	static final String PATH = "/consent";

	private final RegisteredClientRepository clients;

	ConsentController(RegisteredClientRepository clients) {
		this.clients = clients;
	}

	@GetMapping(path = PATH, produces = MediaType.TEXT_HTML_VALUE)
	String consent(@RequestParam("client_id") String clientId, @RequestParam("scope") String scope,
			@RequestParam("state") String state, HttpServletResponse response) {
		// The answer to the form redirects to the client, which Chromium counts as a
		// form's target.
		response.setHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; "
				+ "form-action 'self' http://127.0.0.1:* http://localhost:*");
		RegisteredClient client = Objects.requireNonNull(this.clients.findByClientId(clientId));
		String request = Html.hidden("client_id", clientId) + Html.hidden("state", state);
		StringBuilder scopes = new StringBuilder();
		for (String requested : scope.split(" ")) {
			scopes.append(Html.hidden("scope", requested));
		}
		return Html.page("Log in to an application", """
				<p>An application on this machine that calls itself <b>%s</b> asks for: <b>%s</b></p>
				<form method="post" action="/oauth2/authorize">%s<button>Approve</button></form>
				<form method="post" action="/oauth2/authorize">%s<button class="plain">Deny</button></form>
				<p class="hint">You have not just started a login? Then deny.</p>
				""".formatted(Html.escape(client.getClientName()), Html.escape(scope), request + scopes, request));
	}

}
