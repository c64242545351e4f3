package io.github.oauth2pkce.testing;

/**
 * What a {@link FakeAuthorizationServer} serves, to script and to look at by name.
 */
public enum Endpoint {

	/** RFC 9728: the protected resource below this path says what it is called. */
	RESOURCE_METADATA("/.well-known/oauth-protected-resource"),

	/** All three well-known forms; the request's path tells them apart. */
	DISCOVERY("/.well-known"),

	DEVICE_AUTHORIZATION("/device_authorization"),

	AUTHORIZATION("/authorize"),

	TOKEN("/token"),

	REVOCATION("/revoke"),

	/** RFC 9126. */
	PUSHED_AUTHORIZATION_REQUEST("/par"),

	/** RFC 7591. */
	REGISTRATION("/register"),

	/** RFC 7592: below this path is one for each client. */
	CLIENT_CONFIGURATION("/clients"),

	/** A {@link FakeResource}: it has a path of its own. */
	RESOURCE("/"),

	/**
	 * The protected resource that needs no setting up: this path and everything below it.
	 */
	API("/api"),

	/** Anything else; answers 404 unless scripted. */
	OTHER("/");

	private final String path;

	Endpoint(String path) {
		this.path = path;
	}

	public String path() {
		return this.path;
	}

	static Endpoint of(String path) {
		if (RESOURCE_METADATA.isAtOrAbove(path)) {
			return RESOURCE_METADATA;
		}
		if (path.contains("/.well-known/")) {
			return DISCOVERY;
		}
		if (API.isAtOrAbove(path)) {
			return API;
		}
		if (CLIENT_CONFIGURATION.isAtOrAbove(path)) {
			return CLIENT_CONFIGURATION;
		}
		for (Endpoint candidate : values()) {
			if (candidate != RESOURCE && candidate.path.equals(path)) {
				return candidate;
			}
		}
		return OTHER;
	}

	private boolean isAtOrAbove(String path) {
		return path.equals(this.path) || path.startsWith(this.path + "/");
	}

}
