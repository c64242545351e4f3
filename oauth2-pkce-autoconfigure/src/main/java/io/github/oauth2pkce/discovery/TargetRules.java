package io.github.oauth2pkce.discovery;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.SecureTransport;

/**
 * Decides whether an address that a document or a challenge names may be contacted on
 * behalf of a protected resource (RFC 9728 section 7.7): a resource that anybody may run
 * must not make this machine talk to itself, to its network or to its cloud.
 * <p>
 * A name is judged by all of its addresses. One that this machine cannot resolve is let
 * through: a proxy may know it, and without one there is no connection. The name may have
 * other addresses when the connection is made; what is left then is https, which wants a
 * certificate of that name. Looking up a name blocks. Safe for use by many threads.
 */
final class TargetRules {

	/** URL parsers agree that a host is an IPv4 address if its last label is a number. */
	private static final Pattern NUMBER_AT_END = Pattern.compile("(.*\\.)?(\\d+|0x[0-9a-f]*)\\.?",
			Pattern.CASE_INSENSITIVE);

	/** They do not agree on what others mean: 010.0.0.1 is 8.0.0.1, or 10.0.0.1. */
	private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");

	/** Their addresses are refused too, where they are known. */
	private static final Set<String> CLOUD_METADATA = Set.of("metadata.google.internal", "metadata.goog",
			"metadata.azure.internal", "instance-data.ec2.internal");

	/** It is in messages and in logs. */
	private static final int LONGEST = 2048;

	private final Resolver resolver;

	/** Finds all addresses of a name, and those in a literal. */
	@FunctionalInterface
	interface Resolver {

		InetAddress[] resolve(String host) throws UnknownHostException;

	}

	TargetRules() {
		this(InetAddress::getAllByName);
	}

	TargetRules(Resolver resolver) {
		this.resolver = resolver;
	}

	/**
	 * Judges how an address is written. {@link URI} lets through what RFC 3986 does not,
	 * such as characters that make one address look like another.
	 * @param address what a document or a challenge names
	 * @return the end of a sentence about it, {@code null} if people can read it
	 */
	static @Nullable String textProblem(String address) {
		if (address.length() > LONGEST) {
			return "is too long";
		}
		return address.chars().allMatch((c) -> c > ' ' && c < 0x7f) ? null : "has characters that no URL has";
	}

	/**
	 * Judges an authorization server, or an endpoint of it.
	 * @param resourceUri the protected resource, as configured
	 * @param target what was named
	 * @return the end of a sentence about the target, {@code null} if it may be contacted
	 */
	@Nullable String problem(URI resourceUri, URI target) {
		String problem = problem(target);
		if (problem != null) {
			return problem;
		}
		if (!"https".equalsIgnoreCase(target.getScheme())
				&& !(SecureTransport.isLoopback(resourceUri) && SecureTransport.isLoopback(target))) {
			return "is plain http";
		}
		return addressProblem(resourceUri, target);
	}

	/**
	 * Judges the address of a resource's own metadata. RFC 9728 section 3 puts it at the
	 * resource's origin, and nobody else can vouch for the resource.
	 * @param resourceUri the protected resource, as configured
	 * @param location what its challenge named
	 * @return the end of a sentence about the address, {@code null} if it may be read
	 */
	@Nullable String metadataProblem(URI resourceUri, URI location) {
		String problem = problem(location);
		if (problem == null && !ResourceIdentifier.sameOrigin(resourceUri, location)) {
			return "is not at the resource's origin, " + ResourceIdentifier.origin(resourceUri);
		}
		return problem;
	}

	private static @Nullable String problem(URI target) {
		if (!"https".equalsIgnoreCase(target.getScheme()) && !"http".equalsIgnoreCase(target.getScheme())) {
			return "is neither https nor http";
		}
		if (target.getRawUserInfo() != null) {
			return "has user information, which makes one host look like another";
		}
		if (target.getRawFragment() != null) {
			return "has a fragment";
		}
		String host = target.getHost();
		// A zone ("%25eth0") leads off the link that the address is of, or nowhere.
		if (host == null || host.indexOf('%') >= 0
				|| NUMBER_AT_END.matcher(host).matches() && !IPV4.matcher(host).matches()) {
			return "has no host that is a name, or an address in its usual form";
		}
		return textProblem(target.toString());
	}

	private @Nullable String addressProblem(URI resourceUri, URI target) {
		if (target.getHost().equalsIgnoreCase(resourceUri.getHost())) {
			// Requests go there anyway.
			return null;
		}
		String name = target.getHost().toLowerCase(Locale.ROOT);
		if (CLOUD_METADATA.contains(name.endsWith(".") ? name.substring(0, name.length() - 1) : name)) {
			return "is " + AddressKind.CLOUD_METADATA.description();
		}
		AddressKind depth = null;
		for (InetAddress address : addresses(target)) {
			AddressKind kind = AddressKind.of(address);
			if (kind == AddressKind.PUBLIC) {
				continue;
			}
			depth = (depth != null) ? depth : depth(resourceUri);
			if (!kind.isNoDeeperThan(depth)) {
				return "is at " + kind.description() + " (" + address.getHostAddress() + "), and the resource is not";
			}
		}
		return null;
	}

	/** By the least deep of its addresses: who controls a name can add others to it. */
	private AddressKind depth(URI resourceUri) {
		return addresses(resourceUri).stream()
			.map(AddressKind::of)
			.min(Comparator.naturalOrder())
			.orElse(AddressKind.PUBLIC);
	}

	private List<InetAddress> addresses(URI uri) {
		try {
			return List.of(this.resolver.resolve(uri.getHost()));
		}
		catch (UnknownHostException ex) {
			return List.of();
		}
	}

}
