package io.github.oauth2pkce.configuration;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The properties below {@code oauth2.pkce}. Unknown ones fail the start: a misspelled
 * {@code base-urls} would otherwise only show as a missing bearer.
 *
 * @param enabled Whether OAuth 2.0 logins and bearers are auto-configured.
 * @param providers Providers by id, which is also the client registration id.
 * @param startup Warm-up of stored logins.
 * @param login Logins that a person takes part in.
 * @param store Where logins are kept.
 * @param refresh Limits of token refreshes.
 * @param http Discovery, device and token traffic.
 * @param webclient Integration with WebClient.
 * @param restclient Integration with RestClient and RestTemplate.
 * @param health Health of logins.
 * @param command Command to run instead of the application. Only on the command line,
 * where the id of a provider may follow.
 * @param commandOutput What the command prints.
 * @param commandFile File that 'export' writes and 'import' reads.
 * @param commandRecipient Public key that 'export' seals the file for, as 'import' has
 * printed it. By default a passphrase is asked for.
 */
@ConfigurationProperties(prefix = "oauth2.pkce", ignoreUnknownFields = false)
public record OAuth2PkceProperties(@DefaultValue("true") boolean enabled,
		@DefaultValue Map<String, ProviderProperties> providers, @DefaultValue Startup startup,
		@DefaultValue Login login, @DefaultValue Store store, @DefaultValue Refresh refresh, @DefaultValue Http http,
		@DefaultValue Webclient webclient, @DefaultValue Restclient restclient, @DefaultValue Health health,
		@Nullable Command command, @DefaultValue("text") CommandOutput commandOutput, @Nullable String commandFile,
		@Nullable String commandRecipient) {

	/** Command to run instead of the application. */
	public enum Command {

		/** Logs a person in. */
		LOGIN,

		/** Revokes a login and forgets it. */
		LOGOUT,

		/** Says who is logged in. */
		STATUS,

		/** Refreshes a token, though it still works. */
		REFRESH,

		/** Finds out what is wrong. */
		DOCTOR,

		/** Moves a login into a file. */
		EXPORT,

		/** Moves a login out of a file. */
		IMPORT

	}

	/** What a command prints. */
	public enum CommandOutput {

		/** Text for people. */
		TEXT,

		/** One JSON document for scripts. */
		JSON

	}

	/**
	 * Warm-up of stored logins.
	 *
	 * @param refresh Whether stored logins are refreshed when the application starts;
	 * never prompts.
	 * @param timeout Time after which the warm-up of all providers together is given up.
	 */
	public record Startup(@DefaultValue("true") boolean refresh, @DefaultValue("10s") Duration timeout) {

	}

	/**
	 * Logins that a person takes part in.
	 *
	 * @param onStartup When to start a login for providers without a usable one.
	 * @param onRequest When a request that has no usable login, or lacks a scope, starts
	 * one and waits for it.
	 * @param timeout Time after which a browser login on this machine is given up, and a
	 * request waits for no login any more; a device login ends when its code does.
	 */
	public record Login(@DefaultValue("auto") OnStartup onStartup, @DefaultValue("never") OnRequest onRequest,
			@DefaultValue("5m") Duration timeout) {

		/** When a request starts a login. */
		public enum OnRequest {

			/** If standard input and output are a terminal. */
			AUTO,

			/** Whenever it has to. */
			ALWAYS,

			/** Never: it is sent without a bearer. */
			NEVER

		}

		/** When to start a login. */
		public enum OnStartup {

			/** If standard input and output are a terminal. */
			AUTO,

			/** At every start. */
			ALWAYS,

			/** Only when somebody asks. */
			NEVER

		}

	}

	/**
	 * Where logins are kept.
	 *
	 * @param type Kind of store.
	 * @param directory Directory of the file store. By default
	 * '${XDG_STATE_HOME:-~/.local/state}/oauth2-pkce/' and the application's name.
	 * @param namespace Name under which the shared stores keep this application's logins:
	 * applications that name the same one share them. By default the application's name.
	 * @param encryptionKey Base64 AES-256 key. The file store makes one when it is not
	 * set; the shared stores need it.
	 * @param keyLocation Where the file store keeps the encryption key that it makes.
	 * @param previousEncryptionKeys Keys that logins may still be encrypted with.
	 * @param jdbc Settings of the JDBC store.
	 */
	public record Store(@DefaultValue("file") Type type, @Nullable String directory, @Nullable String namespace,
			@Nullable String encryptionKey, @DefaultValue("file") KeyLocation keyLocation,
			@DefaultValue List<String> previousEncryptionKeys, @DefaultValue Jdbc jdbc) {

		@Override
		public String toString() {
			return "Store[type=" + this.type + ", directory=" + this.directory + "]";
		}

		/** Where the file store keeps the key that it makes. */
		public enum KeyLocation {

			/** In a file beside the logins. */
			FILE,

			/**
			 * In the key store of the system, by com.github.javakeyring:java-keyring.
			 */
			KEYRING

		}

		/** Kind of store. */
		public enum Type {

			/** Encrypted files on this machine. */
			FILE,

			/** Nothing outlives the application. */
			MEMORY,

			/** A table of the application's database. */
			JDBC,

			/** The application's Redis. */
			REDIS

		}

		/**
		 * Settings of the JDBC store.
		 *
		 * @param initializeSchema When to create the table.
		 */
		public record Jdbc(@DefaultValue("embedded") InitializeSchema initializeSchema) {

			/** When to create the table. */
			public enum InitializeSchema {

				/** In an embedded database. */
				EMBEDDED,

				/** At every start, if it is missing. */
				ALWAYS,

				/** By hand. */
				NEVER

			}

		}

	}

	/**
	 * Limits of token refreshes.
	 *
	 * @param requestTimeout Time after which a request to an authorization server is
	 * given up.
	 * @param lockTimeout Time to wait for another process's refresh.
	 */
	public record Refresh(@DefaultValue("45s") Duration requestTimeout, @DefaultValue("60s") Duration lockTimeout) {

	}

	/**
	 * Discovery, device and token traffic.
	 *
	 * @param connectTimeout Time to wait for a connection.
	 * @param readTimeout Time to wait for data.
	 * @param maxResponseSize Size beyond which an answer is not read. A successful answer
	 * with tokens may be 16 times as large, because it may have replaced the login.
	 */
	public record Http(@DefaultValue("5s") Duration connectTimeout, @DefaultValue("15s") Duration readTimeout,
			@DefaultValue("1MB") DataSize maxResponseSize) {

	}

	/**
	 * Integration with WebClient.
	 *
	 * @param customize Whether WebClient builders get the bearer filter.
	 */
	public record Webclient(@DefaultValue("true") boolean customize) {

	}

	/**
	 * Integration with RestClient and RestTemplate.
	 *
	 * @param customize Whether RestClient and RestTemplate builders get the bearer
	 * interceptor.
	 */
	public record Restclient(@DefaultValue("true") boolean customize) {

	}

	/**
	 * Health of logins.
	 *
	 * @param showPrincipals Whether health names the users of per-user logins.
	 */
	public record Health(@DefaultValue("false") boolean showPrincipals) {

	}

}
