package io.github.oauth2pkce.configuration;

import java.net.URI;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider.PushedRequests;

import org.springframework.util.StringUtils;

/** How a person logs in by a browser. */
final class LoginSettings {

	private final ProviderKeys keys;

	LoginSettings(ProviderKeys keys) {
		this.keys = keys;
	}

	/**
	 * Checks that answers can be compared with an issuer, where that is demanded.
	 * @param known whether there is an issuer, or a resource that names one
	 */
	void checkIssuer(boolean known) {
		if (this.keys.own().requireIss() && !known) {
			throw this.keys.wrong("require-iss", "true", "needs an issuer to compare with, and there is no issuer-uri",
					"Set " + this.keys.prefix() + ".issuer-uri, or remove require-iss.");
		}
	}

	int redirectPort() {
		int port = this.keys.own().redirectPort();
		if (port < 0 || port > 65535) {
			throw this.keys.wrong("redirect-port", String.valueOf(port), "is out of range",
					"Use a port from 1 to 65535, or 0 for any free one.");
		}
		return port;
	}

	/**
	 * Spring's own is for web applications, too: a template for one of those is not
	 * wrong.
	 */
	@Nullable URI redirectUri() {
		String own = this.keys.own().redirectUri();
		String value = this.keys.text(own, SpringRegistration::redirectUri);
		if (value == null) {
			return null;
		}
		String property = this.keys.whose(own, SpringRegistration::prefix) + ".redirect-uri";
		URI uri;
		try {
			uri = LoopbackRedirectUri.parse(value, this.keys.id());
		}
		catch (IllegalArgumentException ex) {
			if (!StringUtils.hasText(own)) {
				return null;
			}
			throw new InvalidPropertyException(property, value, String.valueOf(ex.getMessage()),
					LoopbackRedirectUri.EXAMPLE);
		}
		int port = redirectPort();
		if (port != 0 && uri.getPort() != -1 && uri.getPort() != port) {
			throw this.keys.wrong("redirect-port", String.valueOf(port),
					"is not the port of " + property + " = " + value,
					"Remove redirect-port, or the port of the redirect URI.");
		}
		return uri;
	}

	PushedRequests pushedRequests(boolean fapi2) {
		PushedRequests configured = this.keys.own().pushedAuthorizationRequests();
		return (fapi2 && configured == PushedRequests.AUTO) ? PushedRequests.ALWAYS : configured;
	}

}
