package io.github.oauth2pkce.code;

import java.net.URI;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceLoopbackLoginAutoConfiguration;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.LoopbackLogin;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class LoopbackLoginContextTests {

	private static final CredentialId ID = CredentialId.ofApplication("main");

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final BlockingQueue<URI> pages = new LinkedBlockingQueue<>();

	private final Browser browser = new Browser();

	private final AutoConfigurations configurations = AutoConfigurations.of(PkceAutoConfiguration.class,
			PkceLoopbackLoginAutoConfiguration.class);

	private String[] properties;

	private ApplicationContextRunner program;

	@BeforeEach
	void configure() {
		this.server.register(FakeClient.publicClient("cli").requirePkce());
		this.properties = new String[] { "oauth2.pkce.providers.main.issuer-uri=" + this.server.issuer(),
				"oauth2.pkce.providers.main.client-id=cli",
				"oauth2.pkce.providers.main.authorization-grant-type=authorization_code",
				"oauth2.pkce.store.type=memory", "oauth2.pkce.login.on-startup=never" };
		this.program = new ApplicationContextRunner().withConfiguration(this.configurations)
			.withPropertyValues(this.properties)
			.withBean(BrowserOpener.class, () -> this.pages::add);
	}

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@Test
	void logsInAndKeepsTheCredential(CapturedOutput output) {
		this.program.run((context) -> {
			Login login = context.getBean(Logins.class).start("main");
			assertThat(context.getBean(Logins.class).start("main")).isSameAs(login);
			URI page = this.pages.poll(10, TimeUnit.SECONDS);
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> login.shown().get(5, TimeUnit.SECONDS))
				.withMessageContaining("the page to open is on its standard output");
			assertThat(this.browser.get(this.browser.redirect(page)).statusCode()).isEqualTo(200);
			login.completion().get(10, TimeUnit.SECONDS);
			assertThat(context.getBean(Credentials.class).status(ID).state()).isEqualTo(AuthorizationState.AUTHORIZED);
			assertThat(this.pages).isEmpty();
			assertThat(output.getOut().lines()).contains(page.toString());
			// Once, on the console: nowhere in the log.
			assertThat(output.getAll().lines().filter((line) -> line.contains(Browser.query(page).get("state"))))
				.containsExactly(page.toString());
			assertThat(output).contains("Logged in to 'main'");
			for (String secret : this.server.issuedSecrets()) {
				assertThat(output.getAll().replace(page.toString(), "")).doesNotContain(secret);
			}
		});
	}

	@Test
	void logsInBeforeTheRunnersOfAProgram() {
		this.program.withPropertyValues("oauth2.pkce.login.on-startup=always").run((context) -> {
			ApplicationRunner runner = context.getBean(ApplicationRunner.class);
			Thread person = new Thread(() -> {
				try {
					this.browser.get(this.browser.redirect(this.pages.take()));
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			});
			person.start();
			runner.run(null);
			assertThat(context.getBean(Credentials.class).status(ID).state()).isEqualTo(AuthorizationState.AUTHORIZED);
		});
	}

	@Test
	void tellsHowALoginEnded() {
		this.server.authorization().fail("access_denied", null);
		this.program.run((context) -> {
			assertThat(outcome(context.getBean(Logins.class), true)).isEqualTo(LoginOutcome.DENIED);
			Login cancelled = context.getBean(Logins.class).start("main");
			this.pages.poll(10, TimeUnit.SECONDS);
			cancelled.cancel();
			assertThatExceptionOfType(ExecutionException.class)
				.isThrownBy(() -> cancelled.completion().get(10, TimeUnit.SECONDS))
				.satisfies((failure) -> assertThat(((LoginException) failure.getCause()).outcome())
					.isEqualTo(LoginOutcome.CANCELLED));
		});
		this.program.withPropertyValues("oauth2.pkce.login.timeout=100ms")
			.run((context) -> assertThat(outcome(context.getBean(Logins.class), false))
				.isEqualTo(LoginOutcome.EXPIRED));
	}

	private LoginOutcome outcome(Logins logins, boolean visit) throws Exception {
		Login login = logins.start("main");
		URI page = this.pages.poll(10, TimeUnit.SECONDS);
		if (visit) {
			this.browser.get(this.browser.redirect(page));
		}
		try {
			login.completion().get(10, TimeUnit.SECONDS);
			return LoginOutcome.SUCCESS;
		}
		catch (ExecutionException ex) {
			return ((LoginException) ex.getCause()).outcome();
		}
	}

	@Test
	void logsInToTwoProvidersAtOnce() {
		this.program
			.withPropertyValues("oauth2.pkce.providers.other.issuer-uri=" + this.server.issuer(),
					"oauth2.pkce.providers.other.client-id=cli",
					"oauth2.pkce.providers.other.authorization-grant-type=authorization_code")
			.run((context) -> {
				Logins logins = context.getBean(Logins.class);
				List<Login> both = List.of(logins.start("main"), logins.start("other"));
				for (int i = 0; i < both.size(); i++) {
					this.browser.get(this.browser.redirect(this.pages.poll(10, TimeUnit.SECONDS)));
				}
				for (Login login : both) {
					login.completion().get(10, TimeUnit.SECONDS);
					assertThat(context.getBean(Credentials.class).status(login.id()).state())
						.isEqualTo(AuthorizationState.AUTHORIZED);
				}
			});
	}

	@Test
	void leavesWebApplicationsToSpringSecurity() {
		new WebApplicationContextRunner().withConfiguration(this.configurations)
			.withPropertyValues(this.properties)
			.run((context) -> {
				assertThat(context).doesNotHaveBean(LoopbackLogin.class).doesNotHaveBean(BrowserOpener.class);
				Logins logins = context.getBean(Logins.class);
				assertThat(logins.canStart(context.getBean(Providers.class).get("main"))).isFalse();
				assertThatIllegalArgumentException().isThrownBy(() -> logins.start("main"));
			});
	}

	@Test
	void backsOffWithoutTheServerOfTheJdk() {
		this.program.withClassLoader(new FilteredClassLoader("com.sun.net.httpserver"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LoopbackLogin.class));
	}

	@Test
	void opensTheSystemsBrowserByDefault() {
		new ApplicationContextRunner().withConfiguration(this.configurations)
			.withPropertyValues(this.properties)
			.run((context) -> assertThat(context.getBean(BrowserOpener.class)).isInstanceOf(SystemBrowserOpener.class));
	}

	@Test
	void refreshesWhatTheLoginYieldedWithoutVerifier() {
		this.program.run((context) -> {
			Login login = context.getBean(Logins.class).start("main");
			this.browser.get(this.browser.redirect(this.pages.poll(10, TimeUnit.SECONDS)));
			login.completion().get(10, TimeUnit.SECONDS);
			context.getBean(Credentials.class).current(ID, RefreshTrigger.MANUAL).get(10, TimeUnit.SECONDS);
			assertThat(this.server.refreshesGranted()).isEqualTo(1);
			List<RecordedRequest> requests = this.server.requests(Endpoint.TOKEN);
			assertThat(requests.get(0).hasParameter("code_verifier")).isTrue();
			assertThat(requests.get(1).hasParameter("code_verifier")).isFalse();
		});
	}

}
