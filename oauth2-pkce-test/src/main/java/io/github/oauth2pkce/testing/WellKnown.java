package io.github.oauth2pkce.testing;

/**
 * The three places where clients look for a discovery document. For an issuer without a
 * path the first two are the same address, which answers while either is served.
 */
public enum WellKnown {

	/** OpenID Connect Discovery: {@code {issuer}/.well-known/openid-configuration}. */
	OPENID_CONFIGURATION {
		@Override
		String path(String issuerPath) {
			return issuerPath + "/.well-known/openid-configuration";
		}
	},

	/** RFC 8414 section 5: the same name, but inserted before the issuer's path. */
	OPENID_CONFIGURATION_INSERTED {
		@Override
		String path(String issuerPath) {
			return "/.well-known/openid-configuration" + issuerPath;
		}
	},

	/** RFC 8414 section 3.1. */
	OAUTH_AUTHORIZATION_SERVER {
		@Override
		String path(String issuerPath) {
			return "/.well-known/oauth-authorization-server" + issuerPath;
		}
	};

	abstract String path(String issuerPath);

}
