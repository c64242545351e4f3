package io.github.oauth2pkce.store;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/**
 * Which records of a shared store are this application's: applications that name the same
 * one share their logins, and others do not see them. Immutable.
 *
 * @param name the name, empty for a store that nobody shares
 * @param ours whether a record of before there were namespaces is this application's, so
 * that it may be taken over
 */
public record Namespace(String name, Predicate<Credential> ours) {

	/** Of a store that has no other users. */
	public static final Namespace NONE = new Namespace("", (credential) -> false);

	/** Whether records are kept as they were before there were namespaces. */
	boolean isNone() {
		return this.name.isEmpty();
	}

	/**
	 * A key of this namespace.
	 * @param key a key within it
	 * @return another one, of 64 hexadecimal digits
	 */
	String key(String key) {
		// No principal's name makes a key of before begin like this.
		return isNone() ? key : new CredentialId("oauth2-pkce:namespace", this.name + '\0' + key).key();
	}

	/**
	 * What names of this namespace begin with, without braces, which mean something to a
	 * cluster of Redis.
	 */
	String prefix() {
		return isNone() ? "" : URLEncoder.encode(this.name, StandardCharsets.UTF_8) + ":";
	}

	/** Whether a record of before is to be moved here. */
	boolean takes(Credential credential) {
		CredentialId id = credential.id();
		// A client that was registered is of nobody in particular; who logs in just now
		// will say so again.
		return !isNone() && !id.isOfLogin() && (id.isOfClient() || this.ours.test(credential));
	}

}
