package io.github.oauth2pkce.testing;

/**
 * What a {@link FakeAuthorizationServer} serves, to script and to look at by name.
 */
public enum Endpoint {

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
