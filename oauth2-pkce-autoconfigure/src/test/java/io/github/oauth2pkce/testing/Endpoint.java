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

	/** The protected resource: this path and everything below it. */
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
		if (path.equals(RESOURCE_METADATA.path) || path.startsWith(RESOURCE_METADATA.path + "/")) {
			return RESOURCE_METADATA;
		}
		if (path.contains("/.well-known/")) {
			return DISCOVERY;
		}
		if (path.equals(API.path) || path.startsWith(API.path + "/")) {
			return API;
		}
		for (Endpoint candidate : values()) {
			if (candidate.path.equals(path)) {
				return candidate;
			}
		}
		return OTHER;
	}

}
