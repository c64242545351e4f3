package io.github.oauth2pkce.code;

import org.springframework.boot.WebApplicationType;

class ServletAnsweredLoginsTests extends AbstractAnsweredLoginsTests {

	ServletAnsweredLoginsTests() {
		super(WebApplicationType.SERVLET);
	}

}
