package io.github.oauth2pkce.autoconfigure;

import javax.sql.DataSource;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.configuration.InvalidPropertyException;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties;
import io.github.oauth2pkce.configuration.OAuth2PkceProperties.Store.Jdbc;
import io.github.oauth2pkce.store.JdbcTokenStore;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.store.TokenStoreException;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.jdbc.init.DatabaseInitializationProperties;
import org.springframework.boot.jdbc.init.PropertiesBasedDataSourceScriptDatabaseInitializer;
import org.springframework.boot.sql.autoconfigure.init.OnDatabaseInitializationCondition;
import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Auto-configuration of the store in the application's database. */
@AutoConfiguration(before = PkceAutoConfiguration.class,
		afterName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
@ConditionalOnSwitch("oauth2.pkce.enabled")
@ConditionalOnProperty(name = "oauth2.pkce.store.type", havingValue = "jdbc")
@ConditionalOnClass({ JdbcClient.class, PropertiesBasedDataSourceScriptDatabaseInitializer.class })
@ConditionalOnSingleCandidate(DataSource.class)
@ConditionalOnMissingBean(TokenStore.class)
public final class PkceJdbcStoreAutoConfiguration {

	@Bean
	@Conditional(OnInitialization.class)
	PropertiesBasedDataSourceScriptDatabaseInitializer<?> oauth2PkceSchemaInitializer(DataSource dataSource,
			OAuth2PkceProperties properties) {
		return new PropertiesBasedDataSourceScriptDatabaseInitializer<>(dataSource,
				new Schema(properties.store().jdbc()));
	}

	@Bean(destroyMethod = "close")
	@DependsOnDatabaseInitialization
	JdbcTokenStore oauth2PkceJdbcTokenStore(DataSource dataSource, Providers providers, OAuth2PkceProperties properties,
			Environment environment) {
		TokenStoreFactory factory = new TokenStoreFactory(properties, environment);
		JdbcTokenStore store = new JdbcTokenStore(dataSource, factory.cipher("jdbc"), factory.namespace(providers),
				factory.lease(), factory.longestLock());
		checkTables(store, properties.store().jdbc());
		return store;
	}

	private static void checkTables(TokenStore store, Jdbc properties) {
		try {
			store.checkWritable();
		}
		catch (TokenStoreException ex) {
			if (ex.getCause() instanceof BadSqlGrammarException) {
				throw new InvalidPropertyException("oauth2.pkce.store.jdbc.initialize-schema",
						properties.initializeSchema().toString().toLowerCase(java.util.Locale.ROOT),
						"left the database without usable tables oauth2_pkce_credential and oauth2_pkce_lock: "
								+ ex.getMessage(),
						"Set it to always, or run (again, after an upgrade) schema-<database>.sql from the folder io/github/oauth2pkce/store"
								+ " of oauth2-pkce-autoconfigure's jar.");
			}
			// The database may come back: until then, the state of logins is UNKNOWN.
		}
	}

	/** Never means that start-up needs no connection. */
	static final class OnInitialization extends OnDatabaseInitializationCondition {

		OnInitialization() {
			super("OAuth 2.0 logins", "oauth2.pkce.store.jdbc.initialize-schema");
		}

	}

	/** Where Boot finds the script. */
	private static final class Schema extends DatabaseInitializationProperties {

		Schema(Jdbc properties) {
			setInitializeSchema(DatabaseInitializationMode.valueOf(properties.initializeSchema().name()));
		}

		@Override
		public String getDefaultSchemaLocation() {
			return "classpath:io/github/oauth2pkce/store/schema-@@platform@@.sql";
		}

	}

}
