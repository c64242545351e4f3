package io.github.oauth2pkce;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.core.AuthorizationGrantType;

/**
 * How the first token of a provider is obtained. With a person: a {@code LoginGrant},
 * whose refresh token is kept. Without one: a {@code MachineGrant}, which is asked again
 * when its token has ended. A new grant is a constant here, a bean of one of the two, and
 * a page.
 */
public enum Grant {

	/** A person enters a code on another device (RFC 8628). */
	DEVICE_CODE("device_code", AuthorizationGrantType.DEVICE_CODE, true),

	/** A person is sent to the server and back by a browser (RFC 6749 section 4.1). */
	AUTHORIZATION_CODE("authorization_code", AuthorizationGrantType.AUTHORIZATION_CODE, true),

	/** The client gets a token for itself (RFC 6749 section 4.4). */
	CLIENT_CREDENTIALS("client_credentials", AuthorizationGrantType.CLIENT_CREDENTIALS, false),

	/** A token of somebody else's is the assertion (RFC 7523 section 2.1). */
	JWT_BEARER("jwt-bearer", AuthorizationGrantType.JWT_BEARER, false),

	/** A token of somebody else's is exchanged for another one (RFC 8693). */
	TOKEN_EXCHANGE("token-exchange", AuthorizationGrantType.TOKEN_EXCHANGE, false);

	private final String property;

	private final AuthorizationGrantType type;

	private final boolean needsPerson;

	Grant(String property, AuthorizationGrantType type, boolean needsPerson) {
		this.property = property;
		this.type = type;
		this.needsPerson = needsPerson;
	}

	/**
	 * {@return the value on the wire}
	 */
	public AuthorizationGrantType type() {
		return this.type;
	}

	/**
	 * {@return the name in meters, log events and the endpoint}
	 */
	public String tag() {
		return name().toLowerCase(Locale.ROOT);
	}

	/**
	 * {@return whether only a person can obtain the first token, so that losing the
	 * refresh token means another login}
	 */
	public boolean needsPerson() {
		return this.needsPerson;
	}

	/**
	 * {@return whether the first token is made from one that somebody else has issued}
	 */
	public boolean needsForeignToken() {
		return this == JWT_BEARER || this == TOKEN_EXCHANGE;
	}

	/**
	 * {@return the name as it is mostly written in properties}
	 */
	public String property() {
		return this.property;
	}

	/**
	 * Finds a grant.
	 * @param value its name, written with underscores or dashes, or its value on the wire
	 * @return {@code null} when there is no such grant
	 */
	public static @Nullable Grant find(String value) {
		String name = value.toLowerCase(Locale.ROOT).replace('-', '_');
		return Arrays.stream(values())
			.filter((grant) -> grant.tag().equals(name) || grant.type.getValue().equals(value))
			.findFirst()
			.orElse(null);
	}

	/**
	 * {@return the names of all grants and their URNs, as a sentence enumerates them}
	 */
	public static String choices() {
		String names = Arrays.stream(values()).map(Grant::property).collect(Collectors.joining(", "));
		int last = names.lastIndexOf(", ");
		String urns = Arrays.stream(values())
			.map((grant) -> grant.type.getValue())
			.filter((type) -> type.startsWith("urn:"))
			.collect(Collectors.joining(", "));
		return names.substring(0, last) + " or " + names.substring(last + 2) + " (or " + urns + ")";
	}

}
