package io.github.oauth2pkce.store;

/**
 * Whose credential, at which provider.
 *
 * @param providerId the provider
 * @param principalName the name of the person, or {@link #APPLICATION}
 */
public record CredentialId(String providerId, String principalName) {

	/** The principal of a credential that belongs to the application as a whole. */
	public static final String APPLICATION = "application";

	/**
	 * The application's own credential.
	 * @param providerId the provider
	 * @return its id
	 */
	public static CredentialId ofApplication(String providerId) {
		return new CredentialId(providerId, APPLICATION);
	}

	/** Principal names are people: only the provider shows. */
	@Override
	public String toString() {
		return APPLICATION.equals(this.principalName) ? this.providerId : this.providerId + " (of a user)";
	}

}
