package io.github.oauth2pkce.spring;

import org.springframework.boot.WebApplicationType;

class ServletAnsweredLoginsTests extends AbstractAnsweredLoginsTests {

	ServletAnsweredLoginsTests() {
		super(WebApplicationType.SERVLET);
	}

}
