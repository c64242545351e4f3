package io.github.oauth2pkce.code;

import org.springframework.boot.WebApplicationType;

class ReactiveAnsweredLoginsTests extends AbstractAnsweredLoginsTests {

	ReactiveAnsweredLoginsTests() {
		super(WebApplicationType.REACTIVE);
	}

}
