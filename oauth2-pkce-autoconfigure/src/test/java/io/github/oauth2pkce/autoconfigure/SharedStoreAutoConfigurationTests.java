package io.github.oauth2pkce.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.configuration.InvalidPropertyException;
import io.github.oauth2pkce.runtime.Workers;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialCipher;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.FileTokenStore;
import io.github.oauth2pkce.store.JdbcTokenStore;
import io.github.oauth2pkce.store.MemoryTokenStore;
import io.github.oauth2pkce.store.RedisTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.EmbeddedServers;
import io.github.oauth2pkce.testing.TestCredentials;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(120)
class SharedStoreAutoConfigurationTests {

	private static final String KEY = "oauth2.pkce.store.encryption-key="
			+ Base64.getEncoder().encodeToString(new byte[32]);

	private static final CredentialId ID = CredentialId.ofApplication("demo");

	private final ApplicationContextRunner withoutServers = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, PkceAutoConfiguration.class,
				PkceJdbcStoreAutoConfiguration.class, PkceRedisStoreAutoConfiguration.class))
		.withPropertyValues("oauth2.pkce.providers.demo.client-id=cli",
				"oauth2.pkce.providers.demo.issuer-uri=https://auth.example", "oauth2.pkce.login.on-startup=never",
				"oauth2.pkce.startup.refresh=false", "spring.datasource.generate-unique-name=true");

	private final ApplicationContextRunner runner = this.withoutServers
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, DataRedisAutoConfiguration.class));

	// JDBC.

	@Test
	void keepsLoginsInAnEmbeddedDatabase() {
		this.runner.withPropertyValues("oauth2.pkce.store.type=jdbc", KEY).run((context) -> {
			assertThat(context).hasSingleBean(TokenStore.class).hasSingleBean(JdbcTokenStore.class);
			keepsALogin(context);
			assertThat(JdbcClient.create(context.getBean(DataSource.class))
				.sql("select count(*) from oauth2_pkce_credential")
				.query(Integer.class)
				.single()).isEqualTo(1);
		});
	}

	@Test
	void makesNoTableInARealDatabaseUnlessTold() {
		ApplicationContextRunner runner = this.runner.withPropertyValues("oauth2.pkce.store.type=jdbc", KEY,
				"spring.datasource.url=" + emptyPostgres());
		String property = "oauth2.pkce.store.jdbc.initialize-schema";
		runner.run((context) -> assertFails(context, property + " = \"embedded\"", "always"));
		runner.withPropertyValues(property + "=never")
			.run((context) -> assertFails(context, property + " = \"never\"", "always"));
		runner.withPropertyValues(property + "=always").run(SharedStoreAutoConfigurationTests::keepsALogin);
		// The next starts find table and login.
		runner.withPropertyValues(property + "=always").run(SharedStoreAutoConfigurationTests::findsALogin);
		runner.run(SharedStoreAutoConfigurationTests::findsALogin);
	}

	@Test
	void startChecksBothTables() {
		String url = emptyPostgres();
		ApplicationContextRunner runner = this.runner.withPropertyValues("oauth2.pkce.store.type=jdbc", KEY,
				"spring.datasource.url=" + url);
		runner.withPropertyValues("oauth2.pkce.store.jdbc.initialize-schema=always")
			.run((context) -> assertThat(context).hasNotFailed());
		JdbcClient.create(new DriverManagerDataSource(url)).sql("drop table oauth2_pkce_lock").update();
		runner.run((context) -> {
			assertFails(context, "oauth2.pkce.store.jdbc.initialize-schema", "always");
			assertThat(context.getStartupFailure()).rootCause()
				.hasMessageContaining("relation \"oauth2_pkce_lock\" does not exist");
		});
	}

	@Test
	void tableOfBeforeNamespacesIsToldOfAndMended() {
		String url = emptyPostgres();
		ApplicationContextRunner runner = this.runner.withPropertyValues("oauth2.pkce.store.type=jdbc", KEY,
				"spring.datasource.url=" + url);
		String property = "oauth2.pkce.store.jdbc.initialize-schema";
		runner.withPropertyValues(property + "=always").run(SharedStoreAutoConfigurationTests::keepsALogin);
		JdbcClient jdbc = JdbcClient.create(new DriverManagerDataSource(url));
		jdbc.sql("alter table oauth2_pkce_credential drop column namespace").update();
		runner.run((context) -> {
			assertFails(context, property, "again, after an upgrade");
			assertThat(context.getStartupFailure()).rootCause().hasMessageContaining("namespace");
		});
		runner.withPropertyValues(property + "=always").run(SharedStoreAutoConfigurationTests::findsALogin);
	}

	@Test
	void startsWhileTheDatabaseIsDown() {
		this.withoutServers
			.withPropertyValues("oauth2.pkce.store.type=jdbc", KEY, "oauth2.pkce.store.jdbc.initialize-schema=never")
			.withBean(DataSource.class, () -> new DriverManagerDataSource("jdbc:postgresql://127.0.0.1:1/none"))
			.run((context) -> assertThat(context).hasSingleBean(JdbcTokenStore.class));
	}

	@Test
	void jdbcNeedsADataSource() {
		this.withoutServers.withPropertyValues("oauth2.pkce.store.type=jdbc", KEY)
			.run((context) -> assertFails(context, "oauth2.pkce.store.type = \"jdbc\"", "spring.datasource.url"));
	}

	@Test
	void jdbcNeedsItsLibrary() {
		this.withoutServers.withPropertyValues("oauth2.pkce.store.type=jdbc", KEY)
			.withClassLoader(new FilteredClassLoader("org.springframework.jdbc", "org.springframework.boot.jdbc"))
			.run((context) -> assertFails(context, "oauth2.pkce.store.type = \"jdbc\"", "spring-boot-starter-jdbc"));
	}

	// Redis.

	@Test
	void keepsLoginsInRedis() {
		this.runner.withPropertyValues("oauth2.pkce.store.type=redis", KEY, redis()).run((context) -> {
			assertThat(context).hasSingleBean(TokenStore.class).hasSingleBean(RedisTokenStore.class);
			StringRedisTemplate template = context.getBean(StringRedisTemplate.class);
			template.delete(template.keys("oauth2-pkce:*"));
			keepsALogin(context);
			assertThat(template.keys("oauth2-pkce:*")).hasSize(1);
		});
	}

	@Test
	void flightsLandBeforeRedisConnectionsStop() {
		CountDownLatch closing = new CountDownLatch(1);
		CompletableFuture<Boolean> landed = new CompletableFuture<>();
		AtomicBoolean inTime = new AtomicBoolean();
		this.runner.withPropertyValues("oauth2.pkce.store.type=redis", KEY, redis())
			.withBean("first", Stopping.class, () -> new Stopping(SmartLifecycle.DEFAULT_PHASE, closing::countDown))
			.withBean("last", Stopping.class, () -> new Stopping(0, () -> inTime.set(landed.isDone())))
			.run((context) -> {
				TokenStore store = context.getBean(TokenStore.class);
				context.getBean(Workers.class).executor("demo").execute(() -> {
					try {
						assertThat(closing.await(20, TimeUnit.SECONDS)).isTrue();
						store.lock(ID, Duration.ofSeconds(5)).close();
						landed.complete(true);
					}
					catch (Throwable ex) {
						landed.completeExceptionally(ex);
					}
				});
			});
		assertThat(landed).isCompletedWithValue(true);
		assertThat(inTime).isTrue();
	}

	@Test
	void redisNeedsAConnectionFactory() {
		this.withoutServers.withPropertyValues("oauth2.pkce.store.type=redis", KEY)
			.run((context) -> assertFails(context, "oauth2.pkce.store.type = \"redis\"", "spring.data.redis.url"));
	}

	@Test
	void redisNeedsItsLibrary() {
		this.withoutServers.withPropertyValues("oauth2.pkce.store.type=redis", KEY)
			.withClassLoader(new FilteredClassLoader("org.springframework.data.redis"))
			.run((context) -> assertFails(context, "oauth2.pkce.store.type = \"redis\"",
					"spring-boot-starter-data-redis"));
	}

	// Both.

	@ParameterizedTest
	@ValueSource(strings = { "jdbc", "redis" })
	void applicationsAreApartByTheirNamesAndTogetherByANamespace(String type) {
		ApplicationContextRunner runner = this.runner.withPropertyValues("oauth2.pkce.store.type=" + type, KEY, redis(),
				"spring.datasource.url=" + emptyPostgres(), "oauth2.pkce.store.jdbc.initialize-schema=always");
		String namespace = "oauth2.pkce.store.namespace=shared-" + type + System.nanoTime();
		String name = "spring.application.name=shop-" + type + System.nanoTime();
		runner.withPropertyValues(name).run(SharedStoreAutoConfigurationTests::keepsALogin);
		runner.withPropertyValues(name).run(SharedStoreAutoConfigurationTests::findsALogin);
		runner.withPropertyValues("spring.application.name=billing")
			.run((context) -> assertThat(context.getBean(TokenStore.class).load(ID)).isNull());
		runner.withPropertyValues(name, namespace).run(SharedStoreAutoConfigurationTests::keepsALogin);
		runner.withPropertyValues("spring.application.name=billing", namespace)
			.run(SharedStoreAutoConfigurationTests::findsALogin);
	}

	/** Of two clients that share a provider id, each has kept its own application's. */
	@Test
	void takesOverWhatAnEarlierVersionHasKeptForThisClient() {
		String url = emptyPostgres();
		ApplicationContextRunner runner = this.runner.withPropertyValues("oauth2.pkce.store.type=jdbc", KEY,
				"spring.datasource.url=" + url, "oauth2.pkce.store.jdbc.initialize-schema=always");
		Credential credential = TestCredentials.credential().build();
		runner.run((context) -> {
			try (JdbcTokenStore before = new JdbcTokenStore(new DriverManagerDataSource(url),
					new CredentialCipher(new byte[32], List.of()), Duration.ofSeconds(30))) {
				assertThat(before.save(credential, Credential.NONE)).isTrue();
			}
		});
		runner.withPropertyValues("oauth2.pkce.providers.demo.client-id=another")
			.run((context) -> assertThat(context.getBean(TokenStore.class).load(ID)).isNull());
		runner.run((context) -> assertThat(context.getBean(TokenStore.class).load(ID)).isEqualTo(credential));
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc", "redis" })
	void sharedStoresNeedAKeyOfTheirOwn(String type) {
		this.runner.withPropertyValues("oauth2.pkce.store.type=" + type)
			.run((context) -> assertFails(context, "oauth2.pkce.store.encryption-key", "openssl rand -base64 32"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc", "redis" })
	void backsOffForAStoreOfTheApplication(String type) {
		this.runner.withPropertyValues("oauth2.pkce.store.type=" + type)
			.withBean(TokenStore.class, MemoryTokenStore::new)
			.run((context) -> assertThat(context).hasSingleBean(MemoryTokenStore.class)
				.doesNotHaveBean("oauth2PkceSchemaInitializer"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc", "redis" })
	void doesNothingWhenSwitchedOff(String type) {
		this.runner.withPropertyValues("oauth2.pkce.store.type=" + type, "oauth2.pkce.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(TokenStore.class));
	}

	@Test
	void databaseAndRedisOfTheApplicationAreNotUsedUnasked(@TempDir Path directory) {
		this.runner.withPropertyValues("oauth2.pkce.store.directory=" + directory)
			.run((context) -> assertThat(context).hasSingleBean(FileTokenStore.class)
				.doesNotHaveBean("oauth2PkceSchemaInitializer"));
	}

	/** As a placeholder with an empty default makes it, such as {@code ${APP_KEY:}}. */
	@ParameterizedTest
	@ValueSource(strings = { "", "  " })
	void anEmptyKeyOfTheFileStoreIsNone(String key, @TempDir Path directory) {
		this.runner
			.withPropertyValues("oauth2.pkce.store.directory=" + directory, "oauth2.pkce.store.encryption-key=" + key,
					"oauth2.pkce.store.previous-encryption-keys[0]=" + key)
			.run((context) -> {
				assertThat(context).hasSingleBean(FileTokenStore.class);
				keepsALogin(context);
				assertThat(directory.resolve("encryption.key")).exists();
			});
	}

	@Test
	void anEmptyPreviousKeyOfASharedStoreIsNone() {
		this.runner
			.withPropertyValues("oauth2.pkce.store.type=jdbc", KEY, "oauth2.pkce.store.previous-encryption-keys[0]=")
			.run((context) -> assertThat(context).hasSingleBean(JdbcTokenStore.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc", "redis" })
	void nodesHaveNoKeyStoreInCommon(String type) {
		this.runner.withPropertyValues("oauth2.pkce.store.type=" + type, KEY, "oauth2.pkce.store.key-location=keyring")
			.run((context) -> assertFails(context, "oauth2.pkce.store.key-location", "encryption-key"));
	}

	@Test
	void keyIsInOnePlaceOnly(@TempDir Path directory) {
		this.runner
			.withPropertyValues("oauth2.pkce.store.directory=" + directory, KEY,
					"oauth2.pkce.store.key-location=keyring")
			.run((context) -> assertFails(context, "oauth2.pkce.store.key-location", "Remove one of both"));
	}

	@Test
	void keyStoreNeedsItsLibrary(@TempDir Path directory) {
		this.runner
			.withPropertyValues("oauth2.pkce.store.directory=" + directory, "oauth2.pkce.store.key-location=keyring")
			.withClassLoader(new FilteredClassLoader("com.github.javakeyring"))
			.run((context) -> {
				assertFails(context, "oauth2.pkce.store.key-location", "com.github.javakeyring:java-keyring");
				assertThat(directory).isEmptyDirectory();
			});
	}

	private static void keepsALogin(AssertableApplicationContext context) {
		TokenStore store = context.getBean(TokenStore.class);
		Credential credential = TestCredentials.credential().build();
		assertThat(store.save(credential, Credential.NONE)).isTrue();
		assertThat(store.load(ID)).isEqualTo(credential);
	}

	private static void findsALogin(AssertableApplicationContext context) {
		assertThat(context.getBean(TokenStore.class).load(ID)).isNotNull();
	}

	private static void assertFails(AssertableApplicationContext context, String property, String action) {
		assertThat(context).hasFailed();
		assertThat(context.getStartupFailure()).rootCause()
			.isInstanceOfSatisfying(InvalidPropertyException.class, (ex) -> {
				assertThat(ex).hasMessageContaining(property);
				assertThat(ex.action()).contains(action);
			});
	}

	private static String redis() {
		return "spring.data.redis.port=" + EmbeddedServers.redisPort();
	}

	private static String emptyPostgres() {
		String url = EmbeddedServers.postgresUrl();
		JdbcClient jdbc = JdbcClient.create(new DriverManagerDataSource(url));
		jdbc.sql("drop schema if exists wiring cascade").update();
		jdbc.sql("create schema wiring").update();
		return url + "&currentSchema=wiring";
	}

	/** Does something when it is its turn to stop. */
	private static final class Stopping implements SmartLifecycle {

		private final int phase;

		private final Runnable action;

		private volatile boolean running;

		private Stopping(int phase, Runnable action) {
			this.phase = phase;
			this.action = action;
		}

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.running = false;
			this.action.run();
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return this.phase;
		}

	}

}
