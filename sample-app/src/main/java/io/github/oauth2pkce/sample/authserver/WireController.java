package io.github.oauth2pkce.sample.authserver;

import io.github.oauth2pkce.sample.wire.WireAccount;

import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Shows what the server saw so far.
 */
@RestController
class WireController {

	private final WireAccount account;

	WireController(WireAccount account) {
		this.account = account;
	}

	@GetMapping(path = "/wire", produces = MediaType.TEXT_PLAIN_VALUE)
	String wire() {
		return this.account.describe();
	}

}
