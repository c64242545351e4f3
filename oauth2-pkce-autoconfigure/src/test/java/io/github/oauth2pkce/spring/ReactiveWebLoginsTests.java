package io.github.oauth2pkce.spring;

import org.springframework.boot.WebApplicationType;

class ReactiveWebLoginsTests extends AbstractWebLoginsTests {

	ReactiveWebLoginsTests() {
		super(WebApplicationType.REACTIVE);
	}

}
