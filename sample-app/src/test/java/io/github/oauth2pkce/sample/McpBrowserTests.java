package io.github.oauth2pkce.sample;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.github.oauth2pkce.code.BrowserOpener;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.sample.wire.WireAccount;
import io.github.oauth2pkce.store.CredentialId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.util.TestSocketUtils;

import static org.assertj.core.api.Assertions.assertThat;

/** The login of the profile {@code mcp} in a real browser. */
@Timeout(180)
class McpBrowserTests {

	private static final BlockingQueue<URI> opened = new LinkedBlockingQueue<>();

	@TempDir
	Path directory;

	@Test
	void personLogsInAndComesBackToTheApplication() throws Exception {
		try (Browser browser = Browser.open(); ConfigurableApplicationContext client = start()) {
			Login login = client.getBean(Logins.class).start(CredentialId.ofApplication("tools"));
			URI page = opened.poll(60, TimeUnit.SECONDS);
			assertThat(page).isNotNull();
			assertThat(page(client)).contains("Waiting for you",
					"Log in on the page that has opened in a browser on this machine.");
			browser.go(page);
			browser.find("input[name=username]").sendKeys("alice");
			browser.find("input[name=password]").sendKeys("alice");
			browser.click("button");
			browser.awaitText("h1", "Log in to an application");
			assertThat(browser.text("main, body")).contains("oauth2-pkce-sample", "models.read");
			assertThat(browser.barriers()).isEmpty();
			browser.click("form:first-of-type button");
			browser.awaitText("body", "Logged in");
			login.completion().get(60, TimeUnit.SECONDS);
			assertThat(page(client)).contains("Token valid for");
			assertThat(browser.complaints()).noneMatch((line) -> line.contains("Content Security Policy"));
		}
	}

	private ConfigurableApplicationContext start() {
		return SampleApplication.start(new WireAccount(), Map.of("demo.data-directory", this.directory.toString()),
				"--spring.profiles.active=mcp", "--spring.main.sources=" + OpenedPages.class.getName(),
				"--oauth2.pkce.login.on-startup=never", "--demo.port=" + TestSocketUtils.findAvailableTcpPort(),
				"--server.port=0");
	}

	private static String page(ConfigurableApplicationContext client) throws Exception {
		String port = client.getEnvironment().getRequiredProperty("local.server.port");
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/")).build(), BodyHandlers.ofString())
			.body();
	}

	@Configuration(proxyBeanMethods = false)
	static class OpenedPages {

		@Bean
		BrowserOpener browser() {
			return opened::add;
		}

	}

}
