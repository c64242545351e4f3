package io.github.oauth2pkce.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;

import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.sample.headless.Person;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The browser of the machine, in which alice logs in and approves.
 */
@Configuration(proxyBeanMethods = false)
class ScriptedBrowser {

	@Bean
	BrowserOpener browser() {
		return ScriptedBrowser::open;
	}

	private static boolean open(URI page) {
		try {
			new Person("alice", "alice").approve(page);
			return true;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

}
