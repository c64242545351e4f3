package io.github.oauth2pkce.sample;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.sun.net.httpserver.HttpServer;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.sample.wire.WireAccount;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.token.TokenResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.util.TestSocketUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page in plain HTTP: what it says, and whom it lets press its buttons. The
 * authorization server is as hostile as this test makes it.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class PageTests {

	private static final CredentialId DEMO = CredentialId.ofApplication("demo");

	private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

	private final HttpClient http = HttpClient.newHttpClient();

	private HttpServer authorizationServer;

	private ConfigurableApplicationContext client;

	private URI page;

	@BeforeEach
	void start() throws IOException {
		this.authorizationServer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.authorizationServer.start();
		int port = TestSocketUtils.findAvailableTcpPort();
		this.client = SampleApplication.start(new WireAccount(),
				Map.of("demo.embedded", "false", "oauth2.pkce.store.type", "memory"), "--server.port=" + port,
				"--oauth2.pkce.login.on-startup=never", "--catalogue.uri=" + server("/nothing"),
				"--oauth2.pkce.providers.demo.issuer-uri=",
				"--oauth2.pkce.providers.demo.device-authorization-uri=" + server("/device"),
				"--oauth2.pkce.providers.demo.token-uri=" + server("/token"),
				"--oauth2.pkce.providers.users.client-id=web", "--oauth2.pkce.providers.users.principal=current-user",
				"--oauth2.pkce.providers.users.device-authorization-uri=" + server("/device"),
				"--oauth2.pkce.providers.users.token-uri=" + server("/token"),
				"--oauth2.pkce.providers.robot.client-id=robot", "--oauth2.pkce.providers.robot.client-secret=s3cret",
				"--oauth2.pkce.providers.robot.authorization-grant-type=client_credentials",
				"--oauth2.pkce.providers.robot.token-uri=" + server("/token"));
		this.page = URI.create("http://127.0.0.1:" + port + "/");
	}

	@AfterEach
	void stop() {
		this.client.close();
		this.authorizationServer.stop(0);
	}

	@Test
	void hasItsAddressOnTheConsole(CapturedOutput output) {
		assertThat(output).contains("page: " + this.page + " shows the login");
	}

	@Test
	void saysOfEachProviderHowItStands() throws Exception {
		String page = open().body();
		assertThat(card(page, "demo")).contains("Nobody is logged in", ">Log in<").doesNotContain("Log out");
		assertThat(card(page, "users")).contains("Each user logs in").doesNotContain("<button");
		assertThat(card(page, "robot")).contains("No login needed").doesNotContain("Log in<", "Log out", "s3cret");
	}

	@Test
	void countsDownToTheEndOfTheToken() throws Exception {
		logIn("at-hidden", Duration.ofMinutes(5), "rt-hidden");
		assertThat(open().body()).doesNotContain("at-hidden", "rt-hidden");
		assertThat(card(open().body(), "demo")).contains("Logged in", "Refresh now", ">Log out<")
			.containsPattern("Token valid for <span[^>]*>4 min 5\\d s</span>; renews automatically.");
	}

	@Test
	void saysWhenATokenCannotBeRenewedOrHasEnded() throws Exception {
		logIn("at", Duration.ofMinutes(5), null);
		assertThat(card(open().body(), "demo")).contains("it cannot be renewed").doesNotContain("Refresh now");
		logIn("at", null, null);
		assertThat(card(open().body(), "demo")).contains("valid until the server says otherwise");
		logIn("at", Duration.ZERO, "rt");
		assertThat(card(open().body(), "demo")).contains("Logged in",
				"The token has expired; the next request renews it");
		logIn("at", Duration.ZERO, null);
		assertThat(card(open().body(), "demo")).contains("The login has ended", "Log in again");
	}

	@Test
	void saysWhyRenewingFailedAndThatTheLoginIsKept() throws Exception {
		answer("/token", 503, "{\"error\":\"temporarily_unavailable\"}");
		logIn("at", Duration.ofMinutes(5), "rt");
		assertThat(press("demo/refresh").statusCode()).isEqualTo(303);
		assertThat(card(open().body(), "demo")).contains("class=\"state attention\"",
				"Logged in, but the login server has a problem", "The token works for", "Next try in");
	}

	/** One message, not one that says "logged in" beside one that says the contrary. */
	@Test
	void saysThatTheServerIsDown() throws Exception {
		logIn("at", Duration.ZERO, "rt");
		this.authorizationServer.stop(0);
		press("demo/refresh");
		String page = open().body();
		assertThat(card(page, "demo"))
			.contains("class=\"state attention\"", "Logged in, but the login server does not answer",
					"Requests go out without a bearer token. The login is kept.")
			.doesNotContain("the next request renews it", "unreachable");
		assertThat(page).contains("<title>demo: Logged in, but the login server does not answer</title>");
		press("demo/logout");
		assertThat(pageWith("Logged out here; the server has not confirmed it"))
			.doesNotContain("Logged out, here and at the server");
	}

	@Test
	void saysThatTheServerEndedTheLogin() throws Exception {
		answer("/token", 400, "{\"error\":\"invalid_grant\"}");
		logIn("at", Duration.ZERO, "rt");
		press("demo/refresh");
		assertThat(card(open().body(), "demo")).contains("The login has ended", "Log in again");
		pageWith("The server ended the login: it expired or was revoked");
	}

	@Test
	void saysWhyALoginFailed() throws Exception {
		answer("/device", 400, "{\"error\":\"unauthorized_client\"}");
		assertThat(press("demo/login").statusCode()).isEqualTo(303);
		String page = pageWith("The login failed: the login server refuses this application&#39;s client id.");
		assertThat(card(page, "demo")).contains("Nobody is logged in", "The login failed");
	}

	@Test
	void showsACodeAndGivesItUpAgain() throws Exception {
		answer("/device", 200, device("WDJB-MJHT", "http://127.0.0.1/activate"));
		press("demo/login");
		assertThat(card(open().body(), "demo"))
			.contains("Waiting for you", "WDJB-MJHT", "http://127.0.0.1/activate", "on this machine and enter the code")
			.doesNotContain("QR code", "on any device");
		press("demo/cancel");
		assertThat(card(pageWith("The login was cancelled."), "demo")).contains("Nobody is logged in",
				"The login was cancelled.");
	}

	@Test
	void showsAQrCodeOfAPageThatAPhoneCanOpen() throws Exception {
		answer("/device", 200, device("WDJB-MJHT", "https://login.example.com/activate"));
		press("demo/login");
		assertThat(card(open().body(), "demo")).contains("The login page as a QR code",
				"on any device and enter the code");
	}

	@Test
	void showsWhatAServerSaidAsTextOnly() throws Exception {
		answer("/device", 200, device("<script>alert(1)</script>", "http://127.0.0.1/a?'onclick='alert(1)"));
		press("demo/login");
		assertThat(card(open().body(), "demo")).contains("Waiting for you", "&lt;script&gt;")
			.doesNotContain("<script>", "'onclick='");
	}

	@Test
	void takesNoFormThatIsNotItsOwn() throws Exception {
		logIn("at", Duration.ofMinutes(5), "rt");
		HttpResponse<String> answer = send(request("providers/demo/logout").POST(BodyPublishers.noBody()));
		assertThat(answer.statusCode()).isEqualTo(403);
		assertThat(answer.headers().firstValue("Content-Security-Policy")).isPresent();
		assertThat(card(open().body(), "demo")).contains("Logged in");
		press("demo/logout");
		assertThat(card(open().body(), "demo")).contains("Nobody is logged in");
	}

	@Test
	void knowsNoOtherProvider() throws Exception {
		assertThat(press("nobody/login").statusCode()).isEqualTo(404);
		assertThat(send(request("nothing")).body()).contains("<h1>Page not found (404)</h1>");
		assertThat(press("robot/login").statusCode()).isEqualTo(409);
	}

	@Test
	void allowsNothingFromElsewhere() throws Exception {
		HttpResponse<String> answer = open();
		assertThat(answer.headers().firstValue("Content-Security-Policy"))
			.hasValueSatisfying((policy) -> assertThat(policy)
				.contains("default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'")
				.doesNotContain("unsafe", "*", "http"));
		assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
		assertThat(answer.headers().firstValue("Set-Cookie"))
			.hasValueSatisfying((cookie) -> assertThat(cookie).contains("HttpOnly", "SameSite=Strict"));
		assertThat(answer.body()).doesNotContain("style=", "onclick", "<style", "src=\"http");
	}

	@Test
	void isForThisMachineOnly() throws IOException {
		for (String path : List.of("/", "/providers/demo/login", "/page/page.js", "/models",
				"/actuator/oauth2providers/demo", "/actuator/health", "/nothing")) {
			try (Socket socket = new Socket("127.0.0.1", this.page.getPort())) {
				socket.getOutputStream()
					.write("GET %s HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n".formatted(path)
						.getBytes(StandardCharsets.US_ASCII));
				try (InputStream answer = socket.getInputStream()) {
					assertThat(new String(answer.readAllBytes(), StandardCharsets.UTF_8)).as(path)
						.startsWith("HTTP/1.1 421")
						.contains("for this machine only")
						.doesNotContain("demo");
				}
			}
		}
	}

	private void logIn(String accessToken, @Nullable Duration expiresIn, @Nullable String refreshToken) {
		this.client.getBean(Credentials.class)
			.loggedIn(DEMO, server("/token"), new TokenResponse(accessToken, expiresIn, refreshToken, null, null));
	}

	private HttpResponse<String> open() throws IOException, InterruptedException {
		return send(request(""));
	}

	/** Events are told after the button has been answered. */
	private String pageWith(String text) throws IOException, InterruptedException {
		String page = open().body();
		while (!page.contains(text)) {
			page = open().body();
		}
		return page;
	}

	/** Presses a button as a browser does: with the page's cookie and hidden field. */
	private HttpResponse<String> press(String action) throws IOException, InterruptedException {
		HttpResponse<String> page = open();
		Matcher token = TOKEN.matcher(page.body());
		assertThat(token.find()).isTrue();
		return send(request("providers/" + action)
			.header("Cookie", page.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0])
			.header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString("_csrf=" + URLEncoder.encode(token.group(1), StandardCharsets.UTF_8))));
	}

	private HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(this.page.resolve(path)).header("Accept", "text/html");
	}

	private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
		return this.http.send(request.build(), BodyHandlers.ofString());
	}

	private static String card(String page, String id) {
		int start = page.indexOf("id=\"provider-" + id + "\"");
		assertThat(start).as(page).isPositive();
		return page.substring(start, page.indexOf("</section>", start));
	}

	private static String device(String userCode, String verificationUri) {
		return "{\"device_code\":\"dc\",\"user_code\":\"%s\",\"verification_uri\":\"%s\",\"expires_in\":600}"
			.formatted(userCode, verificationUri);
	}

	private void answer(String path, int status, String json) {
		this.authorizationServer.createContext(path, (exchange) -> {
			try (exchange) {
				byte[] body = json.getBytes(StandardCharsets.UTF_8);
				exchange.getResponseHeaders().set("Content-Type", "application/json");
				exchange.sendResponseHeaders(status, body.length);
				exchange.getResponseBody().write(body);
			}
		});
	}

	private URI server(String path) {
		return URI.create("http://127.0.0.1:" + this.authorizationServer.getAddress().getPort() + path);
	}

}
