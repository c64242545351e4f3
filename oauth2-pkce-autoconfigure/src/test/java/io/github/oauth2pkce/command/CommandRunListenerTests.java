package io.github.oauth2pkce.command;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;

import static org.assertj.core.api.Assertions.assertThat;

class CommandRunListenerTests {

	private final SpringApplication application = new SpringApplication(Object.class);

	CommandRunListenerTests() {
		this.application.setWebApplicationType(WebApplicationType.SERVLET);
	}

	@AfterEach
	void clear() {
		System.clearProperty(CommandLine.PROPERTY);
	}

	private WebApplicationType typeWith(String... arguments) {
		new CommandRunListener(this.application, arguments);
		return this.application.getWebApplicationType();
	}

	@Test
	void commandNeedsNoServer() {
		assertThat(typeWith("--oauth2.pkce.command=status")).isEqualTo(WebApplicationType.NONE);
	}

	/** As a container's variable whose default is empty. */
	@Test
	void emptyPropertyIsNoCommand() {
		System.setProperty(CommandLine.PROPERTY, " ");
		assertThat(typeWith()).isEqualTo(WebApplicationType.SERVLET);
	}

}
