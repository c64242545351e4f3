package io.github.oauth2pkce.spring;

import org.springframework.boot.WebApplicationType;

class ReactiveAnsweredLoginsTests extends AbstractAnsweredLoginsTests {

	ReactiveAnsweredLoginsTests() {
		super(WebApplicationType.REACTIVE);
	}

}
