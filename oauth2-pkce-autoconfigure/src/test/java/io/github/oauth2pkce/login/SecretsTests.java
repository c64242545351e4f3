package io.github.oauth2pkce.login;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.CodeVerifier;
import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.device.ConsoleUserCodePrompt;
import io.github.oauth2pkce.device.DeviceGrant;
import io.github.oauth2pkce.login.LoginWorld.Application;
import io.github.oauth2pkce.discovery.ResourceDemands;
import io.github.oauth2pkce.observability.LogEvents;
import io.github.oauth2pkce.observability.LoginEntryPoints;
import io.github.oauth2pkce.observability.ProviderReports;
import io.github.oauth2pkce.observability.SkipCounts;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.terminal.Features;
import io.github.oauth2pkce.terminal.NayukiQrEncoder;
import io.github.oauth2pkce.terminal.QrReader;
import io.github.oauth2pkce.terminal.Terminal;
import io.github.oauth2pkce.testing.Answer;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.testing.RefreshTokenRotation;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.IssuedTokens;
import io.github.oauth2pkce.token.JsonAnswer;
import io.github.oauth2pkce.token.TokenResponse;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

import static io.github.oauth2pkce.testing.Waiting.await;
import static io.github.oauth2pkce.login.LoginWorld.DEMO;
import static io.github.oauth2pkce.login.LoginWorld.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Nothing secret is printable: every logger of the process is at its most talkative, and
 * whatever it says is searched for every secret that the server issued or saw.
 */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class SecretsTests {

	private static final Duration SOON = Duration.ofSeconds(10);

	private static final String SECRET = "client+secret/of:demo";

	private final LoginWorld world = new LoginWorld();

	private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

	private final ListAppender<ILoggingEvent> events = new ListAppender<>();

	private final List<Appender<ILoggingEvent>> quiet = new ArrayList<>();

	private final List<Object> printed = new ArrayList<>();

	private Level before = Level.INFO;

	@BeforeEach
	void listenToEverything() {
		this.before = Objects.requireNonNullElse(this.root.getLevel(), Level.INFO);
		this.root.iteratorForAppenders().forEachRemaining(this.quiet::add);
		this.quiet.forEach(this.root::detachAppender);
		this.events.list = Collections.synchronizedList(new ArrayList<>());
		this.events.start();
		this.root.addAppender(this.events);
		this.root.setLevel(Level.TRACE);
		Features live = new Features(true, true, 120, true, (tone, text) -> "\u001b[1m" + text + "\u001b[0m");
		this.world.prompt = new ConsoleUserCodePrompt(
				new Terminal(() -> System.out, () -> live, new NayukiQrEncoder()));
	}

	@AfterEach
	void close() {
		this.world.close();
		this.root.setLevel(this.before);
		this.root.detachAppender(this.events);
		this.quiet.forEach(this.root::addAppender);
	}

	@Test
	void wholeLifeOfAPublicClientPrintsNoSecret(CapturedOutput output) throws Exception {
		liveThroughEverything(this.world.provider().build());
		assertNoSecret(output);
	}

	@Test
	void wholeLifeOfAClientWithABasicHeaderPrintsNoSecret(CapturedOutput output) throws Exception {
		this.world.server.register(FakeClient.confidential("cli", SECRET).requirePkce());
		liveThroughEverything(this.world.provider().clientSecret(SECRET).build());
		assertNoSecret(output);
	}

	@Test
	void wholeLifeOfAClientWithASecretInTheFormPrintsNoSecret(CapturedOutput output) throws Exception {
		this.world.server.register(FakeClient.confidential("cli", SECRET).requirePkce());
		liveThroughEverything(this.world.provider()
			.clientSecret(SECRET)
			.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
			.build());
		assertNoSecret(output);
	}

	private void liveThroughEverything(Provider provider) throws Exception {
		this.world.server.tokens().rotation(RefreshTokenRotation.ONE_TIME);
		AtomicReference<ProviderReports> reports = new AtomicReference<>();
		LogEvents log = new LogEvents(new Providers(List.of(provider)), reports::get);
		Application application = this.world.start(SOON, List.of(log), List.of(log), provider);
		reports.set(new ProviderReports(application.credentials(), new ResourceDemands(), application.logins(),
				new SkipCounts(), this.world.clock, "memory", LoginEntryPoints.NO_WEB, false));
		this.printed.add(provider);
		refusedLogin(application);
		loseAnswersAndLogIn(application);
		this.printed.add(application.bearer());
		refreshWellAndBadly(application);
		logOut(application);
		rejection(application);
		assertTalkative();
	}

	/** The server repeats what it was sent, as some do. */
	private void refusedLogin(Application application) throws Exception {
		CountDownLatch polling = this.world.holdPolling();
		CountDownLatch answer = this.world.hold();
		this.world.server.enqueue(Endpoint.TOKEN,
				Answer.error(400, "authorization_pending", null).answeredAfter(answer));
		Login login = application.logins().start("demo");
		await(login.shown());
		polling.countDown();
		RecordedRequest poll = this.world.server.takeRequest(Endpoint.TOKEN, SOON);
		this.world.server.enqueue(Endpoint.TOKEN, Answer.error(503, "server_error", repeated(poll)),
				Answer.text(502, "text/html", "<html>" + repeated(poll) + "</html>"),
				Answer.error(400, "invalid_grant", repeated(poll)));
		answer.countDown();
		this.printed.add(failureOf(login.completion()));
		this.printed.add(login);
		this.world.time.onWait((wait) -> {
		});
	}

	/** Keeps the test from passing because nobody said anything. */
	private void assertTalkative() {
		List<ILoggingEvent> said = said();
		assertThat(said).extracting(ILoggingEvent::getLevel).contains(Level.TRACE, Level.DEBUG, Level.WARN);
		assertThat(said).extracting(ILoggingEvent::getLoggerName)
			.anyMatch((name) -> name.startsWith("org.springframework.web.reactive"))
			.contains(EventLog.LOGGER);
	}

	/** A copy: event loops go on talking while it is read. */
	private List<ILoggingEvent> said() {
		synchronized (this.events.list) {
			return List.copyOf(this.events.list);
		}
	}

	private static String repeated(RecordedRequest request) {
		return "Not these: " + request.form();
	}

	private void loseAnswersAndLogIn(Application application) throws Exception {
		this.world.server.enqueue(Endpoint.DEVICE_AUTHORIZATION, Answer.normally().cutInBody());
		this.printed.add(failureOf(application.logins().start("demo").completion()));
		this.world.server.device().approveAtOnce();
		this.world.server.enqueue(Endpoint.TOKEN, Answer.connectionClosed(),
				Answer.error(400, "authorization_pending", null), Answer.error(400, "slow_down", null));
		await(application.logins().start("demo").completion());
	}

	private void refreshWellAndBadly(Application application) throws Exception {
		this.printed.add(this.world.store.load(DEMO));
		this.printed.add(await(application.credentials().current(DEMO, RefreshTrigger.MANUAL)));
		Credential stored = Objects.requireNonNull(this.world.store.load(DEMO));
		this.world.server.enqueue(Endpoint.TOKEN, Answer.normally().dropped(),
				Answer.json(200, "{\"other\":\"" + stored.refreshToken() + "\"}").cutInBody(),
				Answer.error(503, "server_error", "Not this: " + stored.refreshToken()),
				Answer.text(200, "text/html", "<html>" + stored.refreshToken() + "</html>"),
				Answer.text(200, "application/json", "{\"access_token\": \"" + stored.accessToken() + "\", oops"));
		for (int failure = 0; failure < 5; failure++) {
			this.printed.add(await(application.credentials().current(DEMO, RefreshTrigger.MANUAL)));
		}
		this.printed.add(application.credentials().status(DEMO));
	}

	private void logOut(Application application) {
		Credential stored = Objects.requireNonNull(this.world.store.load(DEMO));
		this.world.server.enqueue(Endpoint.REVOCATION,
				Answer.error(400, "invalid_request", "Not this: " + stored.refreshToken()));
		application.logout().forget(DEMO);
	}

	private void rejection(Application application) throws Exception {
		await(application.logins().start("demo").completion());
		Credential stored = Objects.requireNonNull(this.world.store.load(DEMO));
		this.world.server.enqueue(Endpoint.TOKEN,
				Answer.error(400, "invalid_grant", "Never again: " + stored.refreshToken()));
		this.world.clock.advance(Duration.ofDays(1));
		this.printed.add(application.bearer());
		this.printed.add(this.world.store.load(DEMO));
	}

	@Test
	void valuesThatHoldSecretsDoNotShowThem(CapturedOutput output) {
		String secret = "a-secret-of-at-least-43-characters-for-a-verifier";
		this.world.server.register(FakeClient.confidential("holder", secret));
		TokenResponse response = new TokenResponse(secret, SOON, secret, null, Set.of("openid"));
		this.printed.addAll(Arrays.asList(new CodeVerifier(secret), response,
				new IssuedTokens(this.world.provider().build(), URI.create("https://login.example/token"), response),
				BearerToken.Available.of(secret), JsonAnswer.parse("{\"access_token\":\"" + secret + "\"}"),
				new AuthorizationServerClient.Answer(200, new HttpHeaders(), secret),
				this.world.provider().clientSecret(secret).build(),
				Credential.issued(DEMO, new Credential.Origin(null, "https://login.example/token", "holder"), response,
						Set.of(), SOON, 1, this.world.clock.instant())));
		assertThat(this.printed).doesNotContainNull();
		assertNoSecret(output);
	}

	@Test
	void everyRecordWithASecretComponentWritesItsOwnText() {
		Pattern names = Pattern.compile("(?i).*(token|secret|verifier|devicecode|password|body|authorization).*");
		Set<String> harmless = Set.of("tokenEndpoint", "rejectedRefreshToken");
		Set<String> found = new LinkedHashSet<>();
		for (JavaClass type : new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
			.importPackages("io.github.oauth2pkce")) {
			if (!type.isRecord()) {
				continue;
			}
			for (RecordComponent component : type.reflect().getRecordComponents()) {
				boolean text = component.getType() == String.class && !harmless.contains(component.getName());
				if (text && (names.matcher(component.getName()).matches()
						|| type.getSimpleName().equals("CodeVerifier"))) {
					found.add(type.getSimpleName());
					assertThat(writesItsOwnText(type)).as("%s has a toString of its own", type.getName()).isTrue();
				}
			}
		}
		assertThat(found).contains("CodeVerifier", "TokenResponse", "DeviceAuthorization", "Credential", "Available",
				"Answer");
	}

	/** What the compiler writes for a record calls {@code ObjectMethods}. */
	private static boolean writesItsOwnText(JavaClass type) {
		return type.getMethod("toString").getSourceCodeLocation().getLineNumber() != type.getMethod("hashCode")
			.getSourceCodeLocation()
			.getLineNumber();
	}

	private void assertNoSecret(CapturedOutput output) {
		Set<String> secrets = new LinkedHashSet<>(this.world.server.issuedSecrets());
		assertThat(secrets).isNotEmpty();
		for (String secret : List.copyOf(secrets)) {
			secrets.add(Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8)));
			secrets.add(java.net.URLEncoder.encode(secret, StandardCharsets.UTF_8));
		}
		for (RecordedRequest request : this.world.server.requests()) {
			String authorization = request.authorization();
			if (authorization != null) {
				secrets.add(authorization.substring(authorization.indexOf(' ') + 1));
			}
		}
		List<String> texts = new ArrayList<>(List.of(output.getAll()));
		said().forEach((event) -> texts.add(text(event)));
		this.printed.forEach((value) -> texts.add(text(value)));
		assertThat(texts).filteredOn((text) -> secrets.stream().anyMatch(text::contains)).isEmpty();
	}

	private static String text(ILoggingEvent event) {
		return event.getLoggerName() + " " + event.getThreadName() + " " + event.getFormattedMessage() + " "
				+ event.getKeyValuePairs() + " " + event.getMDCPropertyMap()
				+ ((event.getThrowableProxy() != null) ? ThrowableProxyUtil.asString(event.getThrowableProxy()) : "");
	}

	private static String text(Object value) {
		StringWriter text = new StringWriter();
		text.append(String.valueOf(value));
		if (value instanceof Throwable failure) {
			failure.printStackTrace(new PrintWriter(text, true));
		}
		return text.toString();
	}

}
