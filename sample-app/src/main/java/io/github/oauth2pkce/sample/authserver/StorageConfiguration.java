package io.github.oauth2pkce.sample.authserver;

import java.util.Objects;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.h2.jdbcx.JdbcConnectionPool;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.DatabasePopulatorUtils;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.security.oauth2.server.authorization.JdbcOAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;

/**
 * What survives a restart: authorizations and spent refresh tokens in an H2 file, and the
 * signing key beside it.
 */
@Configuration(proxyBeanMethods = false)
class StorageConfiguration {

	@Bean(destroyMethod = "dispose")
	JdbcConnectionPool dataSource(DemoSettings settings) {
		return JdbcConnectionPool.create(
				"jdbc:h2:file:" + settings.dataDirectory().toAbsolutePath().resolve("authorization-server"), "", "");
	}

	@Bean
	JdbcTemplate jdbcTemplate(DataSource dataSource) {
		JdbcTemplate jdbc = new JdbcTemplate(dataSource);
		createTables(jdbc, "OAUTH2_AUTHORIZATION",
				"org/springframework/security/oauth2/server/authorization/oauth2-authorization-schema.sql",
				"authorization-server-schema.sql");
		return jdbc;
	}

	static void createTables(JdbcTemplate jdbc, String first, String... scripts) {
		Integer tables = jdbc.queryForObject("select count(*) from information_schema.tables where table_name = ?",
				Integer.class, first);
		if (tables == null || tables == 0) {
			DatabasePopulatorUtils.execute(
					new ResourceDatabasePopulator(
							Stream.of(scripts).map(ClassPathResource::new).toArray(ClassPathResource[]::new)),
					Objects.requireNonNull(jdbc.getDataSource()));
		}
	}

	@Bean
	OAuth2AuthorizationService authorizationService(JdbcTemplate jdbc, RegisteredClientRepository clients) {
		return new JdbcOAuth2AuthorizationService(jdbc, clients);
	}

	@Bean
	SpentRefreshTokens spentRefreshTokens(JdbcTemplate jdbc) {
		return new SpentRefreshTokens(jdbc);
	}

	@Bean
	SigningKey signingKey(DemoSettings settings) {
		return SigningKey.at(settings.dataDirectory().resolve("signing-key.json"));
	}

}
