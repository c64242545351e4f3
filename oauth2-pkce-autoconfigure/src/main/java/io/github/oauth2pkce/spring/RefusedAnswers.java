package io.github.oauth2pkce.spring;

import java.net.URI;
import java.net.URISyntaxException;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.code.IssuerCheck;

import org.springframework.security.oauth2.client.registration.ClientRegistration;

/** What both stacks make of an {@code iss} that is not the issuer (RFC 9207). */
final class RefusedAnswers {

	private RefusedAnswers() {
	}

	static boolean accepts(@Nullable Provider provider, ClientRegistration registration, String @Nullable [] values) {
		ClientRegistration.ProviderDetails details = registration.getProviderDetails();
		String issuer = details.getIssuerUri();
		IssuerCheck check = IssuerCheck.of(provider,
				(issuer == null && provider != null) ? provider.issuerUri() : issuer,
				details.getConfigurationMetadata());
		boolean several = values != null && values.length > 1;
		String iss = (values != null && values.length == 1) ? values[0] : null;
		// RFC 6749 section 3.1: MUST NOT be included more than once.
		if (!several && check.accepts(iss)) {
			return true;
		}
		IssuerCheck.refused(registration.getRegistrationId(),
				several ? "there several times" : IssuerCheck.describe(iss));
		return false;
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

}
