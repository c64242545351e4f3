package io.github.oauth2pkce.command;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import javax.net.ssl.SSLException;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.CodeChallenge;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.discovery.AuthorizationServerMetadata;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.discovery.DiscoveryException;
import io.github.oauth2pkce.discovery.Endpoint;
import io.github.oauth2pkce.token.AuthorizationServerClient;
import io.github.oauth2pkce.token.AuthorizationServerClient.Answer;
import io.github.oauth2pkce.token.AuthorizationServerUnreachableException;

/**
 * Examines an authorization server as a provider uses it: its address, the connection,
 * TLS, the clock, and what its metadata say. Sends nothing but GET requests. Blocking.
 */
public final class ServerCheckup {

	/**
	 * Servers take assertions and proofs that are about a minute off; HTTP dates have no
	 * fractions.
	 */
	private static final Duration TOLERATED = Duration.ofSeconds(30);

	private final AuthorizationServerClient client;

	private final Discovery discovery;

	private final InstantSource clock;

	/**
	 * Creates the examination.
	 * @param client asks servers, by the settings that requests for tokens have
	 * @param discovery reads their metadata
	 * @param clock the wall clock
	 */
	public ServerCheckup(AuthorizationServerClient client, Discovery discovery, InstantSource clock) {
		this.client = client;
		this.discovery = discovery;
		this.clock = clock;
	}

	/** What cannot be found out, because something before it fails, is left out. */
	void examine(Provider configured, Checkup checkup) {
		Provider provider = resolved(configured, checkup);
		if (provider == null) {
			return;
		}
		Set<String> origins = new LinkedHashSet<>();
		String issuer = provider.issuerUri();
		if (issuer != null && !isReached(provider, URI.create(issuer), "issuer-uri", origins, checkup)) {
			return;
		}
		AuthorizationServerMetadata metadata = metadata(provider, checkup);
		if (metadata == null) {
			return;
		}
		for (URI endpoint : endpoints(provider, checkup)) {
			isReached(provider, endpoint, (issuer != null) ? "issuer-uri" : "token-uri", origins, checkup);
		}
		proofKeys(provider, metadata, checkup);
		grants(provider, metadata, checkup);
		clientAuthentication(provider, metadata, checkup);
	}

	/** The resource names its server. */
	private @Nullable Provider resolved(Provider provider, Checkup checkup) {
		try {
			Provider resolved = this.discovery.resolve(provider);
			if (provider.resourceUri() != null) {
				checkup.ok("resource", provider.resourceUri() + " trusts " + resolved.issuerUri());
			}
			return resolved;
		}
		catch (DiscoveryException ex) {
			checkup.problem("resource", String.valueOf(ex.getMessage()), null);
			return null;
		}
	}

	/** Whether there is an answer, whatever it is; asks each origin once. */
	private boolean isReached(Provider provider, URI uri, String key, Set<String> origins, Checkup checkup) {
		if (!origins.add(uri.getScheme() + "://" + uri.getRawAuthority())) {
			return true;
		}
		String host = uri.getHost();
		String address = address(host);
		try {
			Answer answer = this.client.get(provider, uri);
			checkup.ok("address", (address != null) ? host + " is " + address : host + " is known to the proxy");
			checkup.ok("connection", uri.getScheme() + "://" + uri.getRawAuthority() + " answers");
			checkup.ok("tls",
					"https".equalsIgnoreCase(uri.getScheme()) ? "the certificate is trusted" : "none, on this machine");
			clock(answer, checkup);
			return true;
		}
		catch (AuthorizationServerUnreachableException ex) {
			unreached(provider, key, host, address, ex, checkup);
			return false;
		}
	}

	private static void unreached(Provider provider, String key, String host, @Nullable String address,
			AuthorizationServerUnreachableException ex, Checkup checkup) {
		String message = String.valueOf(ex.getMessage());
		if (has(ex, UnknownHostException.class) || has(ex, UnresolvedAddressException.class)) {
			checkup.problem("address", message, "Check " + provider.property(key) + " and the DNS of this machine;"
					+ " where only a proxy knows the name, set -Dhttps.proxyHost");
			return;
		}
		if (address != null) {
			checkup.ok("address", host + " is " + address);
		}
		if (has(ex, SSLException.class)) {
			checkup.ok("connection", host + " answers");
			checkup.problem("tls", message, "If the certificate is your organisation's, set "
					+ provider.property("ssl-bundle") + " to a bundle that trusts who has issued it");
			return;
		}
		checkup.problem("connection", message, "Check host and port of " + provider.property(key)
				+ ", and whether a firewall or a proxy is between (oauth2.pkce.http.connect-timeout)");
	}

	private static boolean has(Throwable failure, Class<? extends Throwable> type) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (type.isInstance(cause)) {
				return true;
			}
		}
		return false;
	}

	private static @Nullable String address(String host) {
		try {
			return InetAddress.getByName(host).getHostAddress();
		}
		catch (UnknownHostException ex) {
			return null;
		}
	}

	private void clock(Answer answer, Checkup checkup) {
		Instant here = this.clock.instant();
		long there;
		try {
			there = answer.headers().getDate();
		}
		catch (IllegalArgumentException ex) {
			there = -1;
		}
		if (there < 0) {
			checkup.ok("clock", "the server does not say what time it is");
			return;
		}
		Duration ahead = Duration.between(Instant.ofEpochMilli(there), here);
		long seconds = Math.abs(ahead.toSeconds());
		if (ahead.abs().compareTo(TOLERATED) <= 0) {
			checkup.ok("clock", "that of the server, give or take " + seconds + " s");
		}
		else {
			checkup.problem("clock",
					"this machine's clock is " + seconds + " s " + (ahead.isNegative() ? "behind" : "ahead of")
							+ " the server's: tokens and proofs look expired, or not yet valid",
					"Set the clock, by NTP");
		}
	}

	private @Nullable AuthorizationServerMetadata metadata(Provider provider, Checkup checkup) {
		if (provider.issuerUri() == null) {
			return AuthorizationServerMetadata.NONE;
		}
		try {
			AuthorizationServerMetadata metadata = this.discovery.metadata(provider);
			checkup.ok("metadata", "of " + provider.issuerUri());
			return metadata;
		}
		catch (DiscoveryException ex) {
			checkup.problem("metadata", String.valueOf(ex.getMessage()), null);
			return null;
		}
	}

	/** Those that this application talks to itself. */
	private List<URI> endpoints(Provider provider, Checkup checkup) {
		List<URI> contacted = new ArrayList<>();
		List<String> found = new ArrayList<>();
		for (Endpoint endpoint : needed(provider)) {
			try {
				URI uri = this.discovery.endpoint(provider, endpoint);
				found.add(endpoint.member());
				if (endpoint != Endpoint.AUTHORIZATION) {
					contacted.add(uri);
				}
			}
			catch (DiscoveryException ex) {
				checkup.problem("endpoints", String.valueOf(ex.getMessage()), null);
			}
		}
		if (!found.isEmpty()) {
			checkup.ok("endpoints",
					String.join(", ", found) + ((provider.grant().needsPerson() && revocation(provider) == null)
							? "; no revocation_endpoint: a logout only forgets" : ""));
		}
		return contacted;
	}

	private @Nullable URI revocation(Provider provider) {
		try {
			return this.discovery.find(provider, Endpoint.REVOCATION);
		}
		catch (DiscoveryException ex) {
			return null;
		}
	}

	private static List<Endpoint> needed(Provider provider) {
		return switch (provider.grant()) {
			case DEVICE_CODE -> List.of(Endpoint.DEVICE_AUTHORIZATION, Endpoint.TOKEN);
			case AUTHORIZATION_CODE -> List.of(Endpoint.AUTHORIZATION, Endpoint.TOKEN);
			case CLIENT_CREDENTIALS, JWT_BEARER, TOKEN_EXCHANGE -> List.of(Endpoint.TOKEN);
		};
	}

	private static void proofKeys(Provider provider, AuthorizationServerMetadata metadata, Checkup checkup) {
		Set<String> methods = metadata.list("code_challenge_methods_supported");
		if (!provider.grant().needsPerson()) {
			return;
		}
		if (!provider.login().pkce()) {
			checkup.ok("pkce", "switched off by " + provider.property("pkce"));
		}
		else if (methods.isEmpty()) {
			checkup.ok("pkce", CodeChallenge.METHOD + " is sent; the server does not say whether it checks that");
		}
		else if (methods.contains(CodeChallenge.METHOD)) {
			checkup.ok("pkce", CodeChallenge.METHOD);
		}
		else {
			checkup.problem("pkce",
					"the server knows " + String.join(", ", methods) + ", and not " + CodeChallenge.METHOD,
					"Have S256 switched on at the server; only if it refuses the parameters, set "
							+ provider.property("pkce") + "=false");
		}
	}

	private static void grants(Provider provider, AuthorizationServerMetadata metadata, Checkup checkup) {
		Set<String> offered = metadata.list("grant_types_supported");
		Grant grant = provider.grant();
		if (offered.isEmpty()) {
			checkup.ok("grant", grant.tag() + "; the server does not say which it offers");
		}
		else if (offered.contains(grant.type().getValue())) {
			checkup.ok("grant", grant.tag());
		}
		else {
			checkup.problem("grant", "the server does not offer " + grant.tag() + ", but " + String.join(", ", offered),
					"Have it switched on at the server, or set another "
							+ provider.property("authorization-grant-type"));
		}
	}

	/** Servers list what they call authentication, and public clients have none. */
	private static void clientAuthentication(Provider provider, AuthorizationServerMetadata metadata, Checkup checkup) {
		Set<String> methods = metadata.list("token_endpoint_auth_methods_supported");
		String method = provider.client().authenticationMethod().getValue();
		if (!provider.client().isKnown()) {
			checkup.ok("client", "registered at the first login");
		}
		else if (methods.isEmpty() || methods.contains(method) || "none".equals(method)) {
			checkup.ok("client", provider.client().id() + " by " + method);
		}
		else {
			checkup.problem("client", "the server does not know " + method + ", but " + String.join(", ", methods),
					"Set " + provider.property("client-authentication-method"));
		}
	}

}
