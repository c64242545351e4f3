package io.github.oauth2pkce.code;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ServerText;

/**
 * RFC 9207: an authorization response says which server it comes from, so that one
 * server's answer cannot be passed off as another's (the mix-up attack).
 *
 * @param issuer the issuer that was asked, {@code null} when none is configured
 * @param required whether a response without it is refused: its metadata has
 * {@code authorization_response_iss_parameter_supported}, or the provider is configured
 * so
 */
public record IssuerCheck(@Nullable String issuer, boolean required) {

	private static final Logger logger = LoggerFactory.getLogger(IssuerCheck.class);

	public static final String PARAMETER = "iss";

	public static final String METADATA = "authorization_response_iss_parameter_supported";

	public static IssuerCheck of(@Nullable Provider provider, @Nullable String issuer, Map<String, Object> metadata) {
		boolean advertised = Boolean.TRUE.equals(metadata.get(METADATA));
		return new IssuerCheck(issuer, advertised || (provider != null && provider.login().issRequired()));
	}

	/**
	 * Whether a response, error responses included, may come from the issuer.
	 * @param iss the decoded {@code iss} parameter, {@code null} when there is none
	 * @return {@code false} when it must be refused
	 */
	public boolean accepts(@Nullable String iss) {
		if (iss == null) {
			// Section 2.4: clients MUST reject responses without it from servers that
			// say that they send it.
			return !this.required;
		}
		// Section 2.4: simple string comparison. A server that sends it without saying
		// so is believed, if it names itself.
		return this.issuer == null || this.issuer.equals(iss);
	}

	public static void refused(String registrationId, String problem) {
		logger.warn("An answer to a login of '{}' was refused: its iss is {} (RFC 9207)", registrationId, problem);
	}

	public static String describe(@Nullable String iss) {
		return (iss != null) ? "'" + ServerText.printable(iss) + "'" : "missing";
	}

}
