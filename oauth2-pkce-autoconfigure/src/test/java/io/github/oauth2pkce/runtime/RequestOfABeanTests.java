package io.github.oauth2pkce.runtime;

import java.util.List;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.runtime.RequestOfABean.Targets;

import static org.assertj.core.api.Assertions.assertThat;

class RequestOfABeanTests {

	@Test
	void bearerGoesToTheBaseUrlsAndToTheResource() {
		Targets targets = new Targets(List.of("https://api.example.com/v1", " "),
				"https://mcp.example.com/mcp?tenant=a");
		assertThat(targets.parsed()).extracting(Object::toString)
			.containsExactly("https://api.example.com:443/v1", "https://mcp.example.com:443/mcp");
		assertThat(new Targets(null, null).parsed()).isEmpty();
	}

}
