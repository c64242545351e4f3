package io.github.oauth2pkce.token;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Compares scopes that were asked for with those that an answer names (RFC 6749 section
 * 3.3). Servers have names of their own for what they grant; only what is missing by any
 * name is missing.
 */
public final class Scopes {

	private static final String GOOGLE = "https://www.googleapis.com/auth/userinfo.";

	/** Google takes the names of OpenID Connect and answers with its own. */
	private static final Map<String, String> ALIASES = Map.of("email", GOOGLE + "email", "profile", GOOGLE + "profile");

	/** What GitHub's {@code repo} covers, beside {@code repo:…}. */
	private static final Set<String> BELOW_REPO = Set.of("public_repo", "repo_deployment", "security_events");

	private Scopes() {
	}

	/**
	 * The scopes that were asked for and not granted.
	 * @param requested what was asked for
	 * @param granted what the server says that it granted
	 * @return those of {@code requested} that are missing, in their order
	 */
	public static Set<String> missing(Collection<String> requested, Collection<String> granted) {
		Set<String> missing = new LinkedHashSet<>();
		for (String scope : requested) {
			if (!saysNothing(scope)
					&& granted.stream().noneMatch((other) -> isSame(scope, other) || covers(other, scope))) {
				missing.add(scope);
			}
		}
		return missing;
	}

	/**
	 * {@code openid} asks for an ID token: no API checks it, and many servers leave it
	 * out of answers, of refreshes above all. Entra's {@code .default} stands for
	 * whatever an administrator has allowed, and is answered by the names of that.
	 */
	private static boolean saysNothing(String scope) {
		return "openid".equals(scope) || ".default".equals(scope) || scope.endsWith("/.default");
	}

	/**
	 * Entra answers {@code User.Read} to {@code https://graph.microsoft.com/user.read},
	 * or the other way round.
	 */
	private static boolean isSame(String requested, String granted) {
		if (requested.equalsIgnoreCase(granted) || granted.equals(ALIASES.get(requested))
				|| requested.equals(ALIASES.get(granted))) {
			return true;
		}
		return hasResource(requested) != hasResource(granted) && name(requested).equalsIgnoreCase(name(granted));
	}

	private static boolean hasResource(String scope) {
		return scope.contains("://");
	}

	private static String name(String scope) {
		return hasResource(scope) ? scope.substring(scope.lastIndexOf('/') + 1) : scope;
	}

	/**
	 * GitHub leaves out what a broader scope covers: {@code user:email} and
	 * {@code read:user} beside {@code user}, {@code read:org} beside {@code write:org},
	 * anything of {@code :org} beside {@code admin:org}.
	 */
	private static boolean covers(String granted, String requested) {
		if ("repo".equals(granted) && BELOW_REPO.contains(requested)) {
			return true;
		}
		int colon = requested.indexOf(':');
		if (colon < 0 || hasResource(requested)) {
			return false;
		}
		String level = requested.substring(0, colon);
		String subject = requested.substring(colon + 1);
		return granted.equals(level) || granted.equals("admin:" + subject)
				|| ("read".equals(level) && (granted.equals(subject) || granted.equals("write:" + subject)));
	}

}
