package io.github.oauth2pkce.discovery;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/** From where an address can be reached, by the registries of RFC 6890. */
enum AddressKind {

	PUBLIC(0, "a public address"),

	/** RFC 1918, RFC 4193, and the site-local addresses that the latter replaced. */
	PRIVATE(1, "a private address"),

	/** RFC 6598: between a provider and its customers, also in overlay networks. */
	SHARED(1, "an address of carrier-grade NAT"),

	LINK_LOCAL(2, "a link-local address"),

	LOOPBACK(3, "a loopback address"),

	/** Whoever can read these services has the machine's own credentials. */
	CLOUD_METADATA(Integer.MAX_VALUE, "the address of a cloud's metadata service"),

	MULTICAST(Integer.MAX_VALUE, "a multicast address"),

	/** RFC 1122 section 3.2.1.3: many systems take all of 0.0.0.0/8 for themselves. */
	UNSPECIFIED(Integer.MAX_VALUE, "an unspecified address"),

	RESERVED(Integer.MAX_VALUE, "a reserved address");

	/** Some of these are public, private or shared addresses by their registry. */
	private static final Set<String> CLOUDS = Set.of("169.254.169.254", "169.254.170.2", "169.254.170.23",
			"100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2:0:0:0:0:0:254", "fd00:ec2:0:0:0:0:0:23",
			"fd20:ce:0:0:0:0:0:254");

	private final int depth;

	private final String description;

	AddressKind(int depth, String description) {
		this.depth = depth;
		this.description = description;
	}

	/** With its article. */
	String description() {
		return this.description;
	}

	/**
	 * Whether one that is there may send us to this kind of address: a machine of a
	 * network may name others of that network, but not this machine.
	 */
	boolean isNoDeeperThan(AddressKind other) {
		return this.depth == 0 || this.depth <= other.depth && this.depth != Integer.MAX_VALUE;
	}

	static AddressKind of(InetAddress address) {
		InetAddress embedded = embedded(address.getAddress());
		if (embedded != null) {
			return of(embedded);
		}
		if (CLOUDS.contains(address.getHostAddress())) {
			return CLOUD_METADATA;
		}
		if (address.isLoopbackAddress()) {
			return LOOPBACK;
		}
		if (address.isLinkLocalAddress()) {
			return LINK_LOCAL;
		}
		if (address.isMulticastAddress()) {
			return MULTICAST;
		}
		if (address.isSiteLocalAddress()) {
			return PRIVATE;
		}
		byte[] bytes = address.getAddress();
		int first = bytes[0] & 0xff;
		if (address instanceof Inet6Address) {
			if (address.isAnyLocalAddress()) {
				return UNSPECIFIED;
			}
			return ((first & 0xfe) == 0xfc) ? PRIVATE : PUBLIC;
		}
		if (first == 0) {
			return UNSPECIFIED;
		}
		if (first == 100 && (bytes[1] & 0xc0) == 0x40) {
			return SHARED;
		}
		return (first >= 240) ? RESERVED : PUBLIC;
	}

	/**
	 * The IPv4 address in an IPv6 one that leads to it: compatible and mapped (RFC 4291
	 * section 2.5.5), translated (RFC 6052, RFC 8215), tunnelled (RFC 3056).
	 */
	private static @Nullable InetAddress embedded(byte[] bytes) {
		if (bytes.length != 16) {
			return null;
		}
		int offset = 12;
		if (startsWith(bytes, 0x20, 0x02)) {
			offset = 2;
		}
		else if (!startsWith(bytes, 0, 0x64, 0xff, 0x9b) && !isBelow96Zeros(bytes)) {
			return null;
		}
		try {
			return InetAddress.getByAddress(Arrays.copyOfRange(bytes, offset, offset + 4));
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Compatible or mapped, but neither {@code ::} nor {@code ::1}. */
	private static boolean isBelow96Zeros(byte[] bytes) {
		for (int i = 0; i < 10; i++) {
			if (bytes[i] != 0) {
				return false;
			}
		}
		boolean mapped = bytes[10] == -1 && bytes[11] == -1;
		boolean compatible = bytes[10] == 0 && bytes[11] == 0 && (bytes[12] | bytes[13] | bytes[14]) != 0;
		return mapped || compatible;
	}

	private static boolean startsWith(byte[] bytes, int... prefix) {
		for (int i = 0; i < prefix.length; i++) {
			if ((bytes[i] & 0xff) != prefix[i]) {
				return false;
			}
		}
		return true;
	}

}
