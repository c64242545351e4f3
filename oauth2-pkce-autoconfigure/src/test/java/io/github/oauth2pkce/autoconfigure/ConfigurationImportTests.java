package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.config.ConfigDataResourceNotFoundException;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Settings of a provider that an organisation serves, imported by Boot: what
 * {@code docs/configuration-import.md} says of Boot, seen.
 */
@Timeout(60)
class ConfigurationImportTests {

	private static final String PATH = "/.well-known/oauth2-pkce.yml";

	private static final String SHARED = """
			oauth2:
			  pkce:
			    providers:
			      corporate:
			        issuer-uri: https://login.example.com/realms/main
			        client-id: shared
			        base-urls: https://api.example.com
			""";

	private final Map<String, String> documents = new ConcurrentHashMap<>();

	private final List<String> requests = new CopyOnWriteArrayList<>();

	private final CountDownLatch asked = new CountDownLatch(1);

	private volatile CountDownLatch held = new CountDownLatch(0);

	private volatile int failure;

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@SuppressWarnings("NullAway.Init")
	private HttpServer server;

	@BeforeEach
	void start() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
		this.server.createContext("/", this::answer);
		this.server.start();
		this.documents.put(PATH, SHARED);
	}

	@AfterEach
	void stop() {
		this.server.stop(0);
	}

	private void answer(HttpExchange exchange) throws IOException {
		this.requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
		this.asked.countDown();
		try {
			this.held.await();
		}
		catch (InterruptedException ex) {
			throw new IOException(ex);
		}
		String document = this.documents.get(exchange.getRequestURI().getPath());
		byte[] body = (document != null) ? document.getBytes(StandardCharsets.UTF_8) : new byte[0];
		int status = (this.failure != 0) ? this.failure : ((document != null) ? 200 : 404);
		boolean head = exchange.getRequestMethod().equals("HEAD");
		exchange.sendResponseHeaders(status, (status == 200 && !head) ? body.length : -1);
		if (status == 200 && !head) {
			exchange.getResponseBody().write(body);
		}
		exchange.close();
	}

	private String url(String path) {
		return "http://127.0.0.1:" + this.server.getAddress().getPort() + path;
	}

	@Test
	void importsADocumentOfAnOrganisation() throws IOException {
		Provider provider = provider("spring.config.import: " + url(PATH));
		assertThat(provider.client().id()).isEqualTo("shared");
		assertThat(provider.issuerUri()).isEqualTo("https://login.example.com/realms/main");
		assertThat(this.requests).contains("GET " + PATH);
	}

	@Test
	void addressWithoutEndingNeedsAHint() throws IOException {
		this.documents.put("/.well-known/oauth2-pkce", SHARED);
		assertThatException().isThrownBy(() -> run("spring.config.import: " + url("/.well-known/oauth2-pkce")).close());
		assertThat(provider("spring.config.import: \"" + url("/.well-known/oauth2-pkce") + "[.yml]\"").client().id())
			.isEqualTo("shared");
	}

	@Test
	void importedValuesWinOverTheFileThatImports() throws IOException {
		Provider provider = provider("""
				spring.config.import: %s
				oauth2.pkce.providers.corporate:
				  client-id: own
				  scope: openid
				""".formatted(url(PATH)));
		assertThat(provider.client().id()).isEqualTo("shared");
		assertThat(provider.request().scopes()).containsExactly("openid");
	}

	@Test
	void laterDocumentsAndArgumentsWinOverWhatIsImported() throws IOException {
		String later = """
				spring.config.import: %s
				---
				oauth2.pkce.providers.corporate.client-id: own
				""".formatted(url(PATH));
		assertThat(provider(later).client().id()).isEqualTo("own");
		assertThat(provider(later, "--oauth2.pkce.providers.corporate.client-id=argument").client().id())
			.isEqualTo("argument");
	}

	@Test
	void laterImportsWinOverEarlierOnes() throws IOException {
		Files.writeString(this.directory.resolve("team.yml"), "oauth2.pkce.providers.corporate.client-id: team\n");
		Provider provider = provider(
				"spring.config.import: [ \"" + url(PATH) + "\", \"file:" + this.directory.resolve("team.yml") + "\" ]");
		assertThat(provider.client().id()).isEqualTo("team");
		assertThat(provider.issuerUri()).isEqualTo("https://login.example.com/realms/main");
	}

	@Test
	void aDocumentThatIsMissingStopsTheStart() {
		this.documents.clear();
		assertThatExceptionOfType(ConfigDataResourceNotFoundException.class)
			.isThrownBy(() -> run("spring.config.import: " + url(PATH)).close())
			.withMessageContaining(PATH);
	}

	@ParameterizedTest
	@ValueSource(ints = { 404, 500, 503 })
	void anOptionalDocumentThatIsNotServedIsLeftOut(int status) throws IOException {
		this.failure = status;
		try (ConfigurableApplicationContext context = run("""
				spring.config.import: optional:%s
				oauth2.pkce.providers.own.client-id: own
				""".formatted(url(PATH)))) {
			assertThat(context.getBean(Providers.class)).singleElement()
				.satisfies((provider) -> assertThat(provider.id()).isEqualTo("own"));
		}
	}

	@Test
	void anOptionalDocumentOfAServerThatIsDownIsLeftOut() throws IOException {
		this.server.stop(0);
		try (ConfigurableApplicationContext context = run("spring.config.import: optional:" + url(PATH))) {
			assertThat(context.getBean(Providers.class)).isEmpty();
		}
	}

	@Test
	void aServerThatIsDownStopsTheStart() {
		this.server.stop(0);
		assertThatException().isThrownBy(() -> run("spring.config.import: " + url(PATH)).close())
			.withMessageContaining(PATH);
	}

	@Test
	void aMisspelledKeyOfTheDocumentStopsTheStartEvenIfItIsOptional() {
		this.documents.put(PATH, SHARED.replace("base-urls", "base-url"));
		assertThatException().isThrownBy(() -> run("spring.config.import: optional:" + url(PATH)).close())
			.withStackTraceContaining("oauth2.pkce.providers.corporate.base-url");
	}

	@Test
	void aProfileHasADocumentOfItsOwnBeside() throws IOException {
		this.documents.put("/.well-known/oauth2-pkce-prod.yml",
				"oauth2.pkce.providers.corporate.client-id: production\n");
		assertThat(provider("spring.config.import: " + url(PATH), "--spring.profiles.active=prod").client().id())
			.isEqualTo("production");
	}

	@Test
	void secretsComeFromATreeOfFilesBesideIt() throws IOException {
		Path secrets = Files.createDirectory(this.directory.resolve("secrets"));
		Files.writeString(secrets.resolve("oauth2.pkce.providers.corporate.client-secret"), "s3cret\n");
		Provider provider = provider(
				"spring.config.import: [ \"" + url(PATH) + "\", \"configtree:" + secrets + "/\" ]");
		assertThat(provider.client().secret()).isEqualTo("s3cret");
	}

	/** Boot's reading of an address has no time-out of its own. */
	@Test
	void theStartWaitsForAServerThatIsSlow() throws Exception {
		this.held = new CountDownLatch(1);
		CompletableFuture<String> start = CompletableFuture.supplyAsync(() -> {
			try {
				return provider("spring.config.import: optional:" + url(PATH)).client().id();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		});
		assertThat(this.asked.await(20, TimeUnit.SECONDS)).isTrue();
		assertThat(start).isNotDone();
		this.held.countDown();
		assertThat(start.get(20, TimeUnit.SECONDS)).isEqualTo("shared");
	}

	@Test
	void whatIsServedIsReadOnceAtTheStart() throws IOException {
		try (ConfigurableApplicationContext context = run("spring.config.import: " + url(PATH))) {
			int atStart = this.requests.size();
			this.server.stop(0);
			assertThat(context.getEnvironment().getProperty("oauth2.pkce.providers.corporate.client-id"))
				.isEqualTo("shared");
			assertThat(this.requests).hasSize(atStart);
		}
	}

	private Provider provider(String yaml, String... arguments) throws IOException {
		try (ConfigurableApplicationContext context = run(yaml, arguments)) {
			return context.getBean(Providers.class).get("corporate");
		}
	}

	private ConfigurableApplicationContext run(String yaml, String... arguments) throws IOException {
		Path home = Files.createDirectories(this.directory.resolve("home"));
		Files.writeString(home.resolve("application.yml"), yaml);
		SpringApplication application = new SpringApplication(OnlyOurs.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		List<String> all = new ArrayList<>(List.of("--spring.main.banner-mode=off", "--oauth2.pkce.store.type=memory",
				"--oauth2.pkce.login.on-startup=never", "--spring.config.location=file:" + home + "/"));
		all.addAll(List.of(arguments));
		return application.run(all.toArray(String[]::new));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ SslAutoConfiguration.class, PkceAutoConfiguration.class })
	static class OnlyOurs {

	}

}
