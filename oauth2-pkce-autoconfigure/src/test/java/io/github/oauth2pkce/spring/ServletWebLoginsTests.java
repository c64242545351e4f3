package io.github.oauth2pkce.spring;

import org.springframework.boot.WebApplicationType;

class ServletWebLoginsTests extends AbstractWebLoginsTests {

	ServletWebLoginsTests() {
		super(WebApplicationType.SERVLET);
	}

}
