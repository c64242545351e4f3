package io.github.oauth2pkce.code;

import java.net.URI;
import java.net.URISyntaxException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ServerText;

import org.springframework.security.oauth2.client.registration.ClientRegistration;

/** What both stacks make of an {@code iss} that is not the issuer (RFC 9207). */
final class RefusedAnswers {

	private static final Logger logger = LoggerFactory.getLogger(RefusedAnswers.class);

	private RefusedAnswers() {
	}

	static boolean accepts(@Nullable Provider provider, ClientRegistration registration, String @Nullable [] values) {
		ClientRegistration.ProviderDetails details = registration.getProviderDetails();
		IssuerCheck check = IssuerCheck.of(provider, details.getIssuerUri(), details.getConfigurationMetadata());
		boolean several = values != null && values.length > 1;
		String iss = (values != null && values.length == 1) ? values[0] : null;
		// RFC 6749 section 3.1: MUST NOT be included more than once.
		if (!several && check.accepts(iss)) {
			return true;
		}
		tell(registration.getRegistrationId(), several ? "there several times" : describe(iss));
		return false;
	}

	static void tell(String registrationId, String problem) {
		logger.warn("An answer to a login of '{}' was refused: its iss is {} (RFC 9207)", registrationId, problem);
	}

	static String describe(@Nullable String iss) {
		return (iss != null) ? "'" + ServerText.printable(iss) + "'" : "missing";
	}

	/** Where a browser is sent, {@code null} when nowhere that can be read. */
	static @Nullable URI location(@Nullable String location) {
		try {
			return (location != null) ? new URI(location) : null;
		}
		catch (URISyntaxException ex) {
			return null;
		}
	}

	static CallbackPage page() {
		return CallbackPage.ignored(400, "This answer does not come from the server that was asked");
	}

}
