package io.github.oauth2pkce.benchmarks;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** How many providers there are, and where their bearers may go. */
public enum ProviderLayout {

	/** One provider, one API. */
	ONE(1) {
		@Override
		public URI baseUrl(int provider) {
			return URI.create("https://api.example.com");
		}
	},

	/** An API of its own for each. */
	HOSTS(100) {
		@Override
		public URI baseUrl(int provider) {
			return URI.create("https://api" + provider + ".example.com");
		}
	},

	/** One gateway before a few, as many applications have it. */
	TEN_PATHS(10) {
		@Override
		public URI baseUrl(int provider) {
			return URI.create("https://gateway.example.com/apis/service-" + provider);
		}
	},

	/** One provider, whose tokens are bound to a key. */
	BOUND(1) {
		@Override
		public URI baseUrl(int provider) {
			return ONE.baseUrl(provider);
		}

		@Override
		List<String> properties(int provider) {
			List<String> properties = new ArrayList<>(super.properties(provider));
			properties.add("dpop=true");
			return properties;
		}
	},

	/** One provider that is nothing but a resource, and a client that was registered. */
	RESOURCE(1) {
		@Override
		public URI baseUrl(int provider) {
			return ONE.baseUrl(provider);
		}

		@Override
		List<String> properties(int provider) {
			return List.of("resource-uri=" + baseUrl(provider));
		}
	};

	/** The server that the tokens come from, which nobody asks. */
	public static final URI TOKEN_ENDPOINT = URI.create("https://login.example.com/token");

	private final int count;

	ProviderLayout(int count) {
		this.count = count;
	}

	public abstract URI baseUrl(int provider);

	public int count() {
		return this.count;
	}

	/** In the middle, for whoever looks for it one by one. */
	public int measured() {
		return this.count / 2;
	}

	List<String> properties(int provider) {
		return List.of("client-id=client", "token-uri=" + TOKEN_ENDPOINT,
				"device-authorization-uri=https://login.example.com/device", "base-urls=" + baseUrl(provider));
	}

	public static String id(int provider) {
		return "provider-" + provider;
	}

	/**
	 * The configuration, as in an application.yml.
	 * @return properties as {@code name=value}
	 */
	public List<String> properties() {
		List<String> properties = new ArrayList<>(List.of("oauth2.pkce.store.type=memory"));
		for (int i = 0; i < this.count; i++) {
			String prefix = "oauth2.pkce.providers." + id(i) + ".";
			properties(i).forEach((property) -> properties.add(prefix + property));
		}
		return properties;
	}

}
