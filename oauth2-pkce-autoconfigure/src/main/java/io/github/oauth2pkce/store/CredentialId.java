package io.github.oauth2pkce.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Whose credential, at which provider.
 *
 * @param providerId the provider
 * @param principalName the name of the person, or {@link #APPLICATION}
 */
public record CredentialId(String providerId, String principalName) {

	/** The principal of a credential that belongs to the application as a whole. */
	public static final String APPLICATION = "application";

	/** What is kept beside logins has this instead of somebody's name. */
	private static final String RESERVED = "oauth2-pkce:";

	private static final String ON_BEHALF = RESERVED + "for:";

	private static final String CLIENT = RESERVED + "client:";

	private static final String LOGIN = RESERVED + "login:";

	/**
	 * The application's own credential.
	 * @param providerId the provider
	 * @return its id
	 */
	public static CredentialId ofApplication(String providerId) {
		return new CredentialId(providerId, APPLICATION);
	}

	/**
	 * The record of a client that was registered at run time, beside the logins of its
	 * provider.
	 * @param providerId the provider
	 * @param server which authorization server
	 * @return its id
	 */
	public static CredentialId ofClient(String providerId, String server) {
		return new CredentialId(providerId, CLIENT + server);
	}

	/**
	 * The key that somebody may seal a login of a provider for, which is to come here.
	 * @param providerId the provider
	 * @return its id
	 */
	public static CredentialId ofRecipient(String providerId) {
		return new CredentialId(providerId, RESERVED + "recipient");
	}

	/**
	 * Which files the logins of a provider have come from.
	 * @param providerId the provider
	 * @return its id
	 */
	public static CredentialId ofImports(String providerId) {
		return new CredentialId(providerId, RESERVED + "imports");
	}

	/**
	 * The record that says who logs in to a credential just now.
	 * @return its id
	 */
	public CredentialId ofLogin() {
		return new CredentialId(this.providerId, LOGIN + this.principalName);
	}

	boolean isOfClient() {
		return this.principalName.startsWith(CLIENT);
	}

	boolean isOfLogin() {
		return this.principalName.startsWith(LOGIN);
	}

	/**
	 * The record of a code that a person is typing to log in to a credential.
	 * @return its id
	 */
	public CredentialId ofDeviceLogin() {
		return new CredentialId(this.providerId, RESERVED + "device:" + this.principalName);
	}

	/**
	 * The record of the key that seals what sessions of browsers keep for a login.
	 * @param providerId the provider
	 * @return its id
	 */
	public static CredentialId ofSessions(String providerId) {
		return new CredentialId(providerId, RESERVED + "sessions");
	}

	/**
	 * A token that is made from the one with which a person has called this application.
	 * It is of that token, and not only of that person, who may come with more or less.
	 * @param providerId the provider
	 * @param person the name of the person
	 * @param token a digest of the token
	 * @return its id
	 */
	public static CredentialId onBehalfOf(String providerId, String person, String token) {
		return new CredentialId(providerId, ON_BEHALF + token + ":" + person);
	}

	/**
	 * {@return whether this is of a token that is made from another one, and of no login}
	 */
	public boolean isOnBehalf() {
		return this.principalName.startsWith(ON_BEHALF);
	}

	/**
	 * Whose name a principal has: of a token made on behalf of somebody, theirs.
	 * @param principalName the name of a principal
	 * @return the name of the person
	 */
	public static String person(String principalName) {
		if (!principalName.startsWith(ON_BEHALF)) {
			return principalName;
		}
		return principalName.substring(principalName.indexOf(':', ON_BEHALF.length()) + 1);
	}

	/**
	 * Whether a name stands for something else than a person, so that nobody who is
	 * called so has a login of their own.
	 * @param principalName the name
	 * @return {@code true} for {@link #APPLICATION}, and what is kept beside logins
	 */
	public static boolean isReserved(String principalName) {
		return APPLICATION.equals(principalName) || principalName.startsWith(RESERVED);
	}

	/**
	 * A key for stores, which says nothing about a person and has a bounded length,
	 * whatever the names are; equal for equal ids only.
	 * @return 64 hexadecimal digits
	 */
	public String key() {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256")
				.digest((this.providerId + '\0' + this.principalName).getBytes(StandardCharsets.UTF_8));
			return HexFormat.of().formatHex(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("This Java platform has no SHA-256", ex);
		}
	}

	/** Principal names identify people, so only the provider's id is printed. */
	@Override
	public String toString() {
		return APPLICATION.equals(this.principalName) ? this.providerId : this.providerId + " (of a user)";
	}

}
