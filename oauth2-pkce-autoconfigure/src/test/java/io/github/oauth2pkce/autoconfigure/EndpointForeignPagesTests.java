package io.github.oauth2pkce.autoconfigure;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.Http;
import io.github.oauth2pkce.testing.Http.Response;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/** What a browser sends to the endpoint for a page of somebody else does nothing. */
@Timeout(90)
class EndpointForeignPagesTests {

	private static final String ENDPOINT = "/actuator/oauth2providers/acme";

	private static final String ADMIN = "https://admin.example";

	/** Tests have two reactive servers on their class path, and Boot wants one. */
	private static final String NOT_TOMCAT = "org.springframework.boot.tomcat.autoconfigure.actuate.web.server"
			+ ".TomcatReactiveManagementContextAutoConfiguration";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start("/realms/demo")
		.register(FakeClient.publicClient("app").requirePkce());

	@AfterEach
	void stop() {
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void neitherStartsNorEndsALogin(WebApplicationType type) {
		try (ConfigurableApplicationContext context = application(type).run()) {
			this.server.device().approveAtOnce();
			context.getBean(Logins.class).logIn("acme");
			int before = this.server.requests().size();
			Http http = Http.of(context);
			String own = "localhost:" + http.port();
			List<String[]> foreign = List.of(of("Sec-Fetch-Site: cross-site"), of("Sec-Fetch-Site: same-site"),
					of("Sec-Fetch-Site: anything"), of("Sec-Fetch-Site: "), of("Origin: null"), of("Origin: "),
					of("Origin: not a URI"), of("Origin: https://evil.example"), of("Origin: http://localhost"),
					of("Origin: http://localhost:" + (http.port() + 1)), of("Origin: https://" + own),
					of("Origin: http://127.0.0.1:" + http.port()),
					of("Origin: https://evil.example", "Sec-Fetch-Site: same-origin"),
					of("Origin: http://" + own, "Sec-Fetch-Site: cross-site"),
					of("Origin: http://" + own, "Origin: https://evil.example"),
					of("Host: evil.example:" + http.port()), of("Host: evil.example", "Origin: http://evil.example"),
					of("Host: evil.example:" + http.port(), "Origin: http://evil.example:" + http.port()),
					of("Host: " + own, "X-Forwarded-Host: evil.example", "Origin: http://evil.example"));
			for (String method : List.of("POST", "DELETE")) {
				for (String path : List.of(ENDPOINT, "/actuator/%6Fauth2providers/acme",
						"/actuator/oauth2providers;a=b/acme")) {
					for (String[] headers : foreign) {
						Response response = http.send(method, path, headers);
						assertThat(response.status()).as(method + " " + path + " " + List.of(headers)).isEqualTo(403);
						assertThat(response.json()).containsEntry("error", "forbidden").containsKey("message");
					}
				}
			}
			assertThat(this.server.requests()).hasSize(before);
			assertThat(http.get(ENDPOINT).json()).containsEntry("state", "AUTHORIZED").doesNotContainKey("login");

			List<String[]> ours = List.of(of(), of("Sec-Fetch-Site: same-origin"), of("Sec-Fetch-Site: none"),
					of("Origin: http://" + own), of("Origin: http://" + own, "Sec-Fetch-Site: same-origin"),
					of("Host: 127.0.0.1:" + http.port(), "Origin: http://127.0.0.1:" + http.port()),
					of("Host: LOCALHOST:" + http.port(), "Origin: http://" + own),
					of("Host: app", "Origin: https://app"), of("Host: app.internal", "Origin: http://app.internal"));
			for (String[] headers : ours) {
				assertThat(http.send("POST", ENDPOINT, headers).status()).as(List.of(headers).toString())
					.isEqualTo(202);
			}
			assertThat(http.send("DELETE", ENDPOINT, "Origin: http://" + own).status()).isEqualTo(200);
			// Everything else is Boot's, and the application's.
			assertThat(http.send("GET", "/actuator/health", "Host: evil.example").status()).isEqualTo(200);
			assertThat(http.send("GET", ENDPOINT, "Sec-Fetch-Site: cross-site").status()).isEqualTo(200);
		}
	}

	/** DNS rebinding: the page's own name leads to this machine, so it reads answers. */
	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void doesNotReadTheCodeOfALoginThatRuns(WebApplicationType type) {
		try (ConfigurableApplicationContext context = application(type)
			.with("spring.autoconfigure.exclude=" + NOT_TOMCAT, "management.server.port=0",
					"management.server.base-path=/ops", "management.endpoints.web.cors.allowed-origins=" + ADMIN,
					"management.endpoints.web.cors.allowed-methods=GET,POST", "server.servlet.context-path=/not-this",
					"management.endpoints.web.base-path=/manage",
					"management.endpoints.web.path-mapping.oauth2providers=logins")
			.run()) {
			Http http = Http.ofManagement(context);
			String endpoint = "/ops/manage/logins/acme";
			for (String[] headers : List.of(of("Sec-Fetch-Site: cross-site"),
					of("Origin: " + ADMIN, "Origin: https://evil.example"))) {
				assertThat(http.send("POST", endpoint, headers).status()).isEqualTo(403);
			}
			assertThat(this.server.requests(Endpoint.DEVICE_AUTHORIZATION)).isEmpty();
			// The operator has named that page.
			Response started = http.send("POST", endpoint, "Origin: " + ADMIN, "Sec-Fetch-Site: cross-site");
			assertThat(started.status()).as(started.body()).isEqualTo(202);
			String userCode = started.object("login").get("userCode").toString();
			for (String path : List.of(endpoint, "/ops/manage/logins")) {
				Response read = http.send("GET", path, "Host: evil.example:" + http.port());
				assertThat(read.status()).as(read.body()).isEqualTo(403);
				assertThat(read.body()).doesNotContain(userCode).contains("server.forward-headers-strategy");
				assertThat(http.get(path).body()).contains(userCode);
			}
		}
	}

	/** The host that a person asked for is the proxy's to tell. */
	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void isToldFromTheApplicationsOwnPagesBehindAProxy(WebApplicationType type) {
		for (String strategy : List.of("framework", "native")) {
			try (ConfigurableApplicationContext context = application(type)
				.with("server.forward-headers-strategy=" + strategy, "server.servlet.context-path=/shop",
						"spring.webflux.base-path=/shop", "spring.mvc.servlet.path=/api")
				.run()) {
				Http http = Http.of(context);
				String endpoint = (type == WebApplicationType.SERVLET) ? "/shop/api" + ENDPOINT : "/shop" + ENDPOINT;
				String[] forwarded = { "X-Forwarded-Host: app.example.com", "X-Forwarded-Proto: https",
						"X-Forwarded-Port: 443", "X-Forwarded-For: 192.0.2.1" };
				assertThat(http.send("POST", endpoint, with(forwarded, "Origin: https://app.example.com")).status())
					.as(strategy)
					.isEqualTo(202);
				for (String origin : List.of("https://evil.example", "http://app.example.com", "null",
						"https://app.example.com:8443")) {
					assertThat(http.send("POST", endpoint, with(forwarded, "Origin: " + origin)).status())
						.as(strategy + " " + origin)
						.isEqualTo(403);
				}
				assertThat(http.send("GET", endpoint, forwarded).status()).isEqualTo(200);
			}
		}
	}

	private static String[] of(String... headers) {
		return headers;
	}

	private static String[] with(String[] headers, String header) {
		return Stream.concat(Stream.of(headers), Stream.of(header)).toArray(String[]::new);
	}

	private TestApplication application(WebApplicationType type) {
		return TestApplication.of(type)
			.with("oauth2.pkce.providers.acme.client-id=app",
					"oauth2.pkce.providers.acme.issuer-uri=" + this.server.issuer(),
					"management.endpoints.web.exposure.include=*",
					"management.endpoint.oauth2providers.access=unrestricted");
	}

}
