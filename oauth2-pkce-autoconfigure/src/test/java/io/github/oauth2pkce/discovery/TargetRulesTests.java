package io.github.oauth2pkce.discovery;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Where a protected resource may send us. */
class TargetRulesTests {

	/** Literals are their own addresses; a name that is not here is unknown. */
	private static final Map<String, List<String>> NAMES = Map.of("api.example", List.of("203.0.113.1"), "as.example",
			List.of("203.0.113.2", "2001:db8::2"), "intranet.example", List.of("10.0.0.5"), "sso.intranet.example",
			List.of("10.0.0.6"), "half.example", List.of("203.0.113.3", "10.0.0.7"), "inward.example",
			List.of("127.0.0.1"), "localhost", List.of("127.0.0.1", "::1"), "localhost.", List.of("127.0.0.1"),
			"metadata.example", List.of("169.254.169.254"));

	private final List<String> lookups = new ArrayList<>();

	private final TargetRules rules = new TargetRules(this::resolve);

	@ParameterizedTest
	@CsvSource({ "https://api.example/mcp, https://as.example",
			"https://api.example/mcp, https://as.example:8443/t?q=1",
			"https://api.example/mcp, https://unknown.example", "https://api.example/mcp, HTTPS://AS.example/",
			"https://api.example/mcp, https://198.51.100.7/", "https://api.example/mcp, 'https://[2001:db8::1]/'",
			"https://api.example/mcp, 'https://[64:ff9b::c633:6407]/'", "https://10.0.0.5/mcp, https://10.0.0.5:8443/",
			"https://intranet.example/mcp, https://sso.intranet.example/", "https://10.0.0.5/mcp, https://192.168.1.1/",
			"https://10.0.0.5/mcp, https://100.64.0.1/", "https://100.64.0.1/mcp, 'https://[fd00::1]/'",
			"http://127.0.0.1:1/mcp, http://127.0.0.1:2/", "http://localhost:1/mcp, http://127.0.0.1:2/",
			"'http://[::1]:1/mcp', http://localhost:2/", "http://localhost:1/mcp, https://10.0.0.5/",
			"https://localhost/mcp, http://localhost:2/", "http://127.0.0.1:1/mcp, https://as.example" })
	void letsThrough(String resource, String target) {
		assertThat(problem(resource, target)).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://as.example", "http://127.0.0.1:1/", "http://api.example/mcp" })
	void plainHttpIsForThisMachineOnly(String target) {
		assertThat(problem("https://api.example/mcp", target)).isEqualTo("is plain http");
		assertThat(problem("https://127.0.0.1.example/mcp", target)).isEqualTo("is plain http");
		assertThat(problem("http://localhost:1/mcp", "http://as.example")).isEqualTo("is plain http");
		assertThat(problem("http://localhost:1/mcp", "http://inward.example")).isEqualTo("is plain http");
	}

	@ParameterizedTest
	@CsvSource({ "10.0.0.1, a private address", "172.16.0.1, a private address", "172.31.255.255, a private address",
			"192.168.1.1, a private address", "[fd12::1], a private address", "[fec0::1], a private address",
			"100.64.0.1, an address of carrier-grade NAT", "100.127.255.255, an address of carrier-grade NAT",
			"169.254.1.1, a link-local address", "[fe80::1], a link-local address", "127.0.0.1, a loopback address",
			"127.8.8.8, a loopback address", "[::1], a loopback address", "localhost, a loopback address",
			"localhost., a loopback address", "inward.example, a loopback address", "half.example, a private address",
			"169.254.169.254, the address of a cloud's metadata service",
			"metadata.example, the address of a cloud's metadata service",
			"[fd00:ec2::254], the address of a cloud's metadata service",
			"100.100.100.200, the address of a cloud's metadata service", "224.0.0.1, a multicast address",
			"[ff02::1], a multicast address", "0.0.0.0, an unspecified address", "0.1.2.3, an unspecified address",
			"[::], an unspecified address", "255.255.255.255, a reserved address",
			"[::ffff:10.0.0.1], a private address", "[::ffff:7f00:1], a loopback address",
			"[::127.0.0.1], a loopback address", "[::ffff:169.254.169.254], the address of a cloud's metadata service",
			"[64:ff9b::a9fe:a9fe], the address of a cloud's metadata service", "[2002:7f00:1::], a loopback address" })
	void publicResourceCannotSendUsInward(String host, String kind) {
		assertThat(problem("https://api.example/mcp", "https://" + host + "/")).startsWith("is at " + kind + " (")
			.endsWith("), and the resource is not");
	}

	@Test
	void problemNamesTheAddress() {
		assertThat(problem("https://api.example/mcp", "https://sso.intranet.example"))
			.isEqualTo("is at a private address (10.0.0.6), and the resource is not");
	}

	@ParameterizedTest
	@CsvSource({ "https://10.0.0.5/mcp, https://127.0.0.1/", "https://intranet.example/mcp, https://localhost/",
			"https://10.0.0.5/mcp, https://169.254.1.1/", "https://10.0.0.5/mcp, https://169.254.169.254/",
			"http://127.0.0.1/mcp, https://169.254.169.254/", "http://127.0.0.1/mcp, https://224.0.0.1/",
			"http://127.0.0.1/mcp, https://0.0.0.0/", "https://unknown.example/mcp, https://10.0.0.6/" })
	void resourceOfANetworkCannotSendUsAnyDeeper(String resource, String target) {
		assertThat(problem(resource, target)).isNotNull();
	}

	@Test
	void privateAddressBesideAPublicOneMakesNoResourcePrivate() {
		assertThat(problem("https://half.example/mcp", "https://10.0.0.6/")).isNotNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "metadata.google.internal", "METADATA.google.internal.", "metadata.goog" })
	void cloudMetadataHasNamesToo(String host) {
		assertThat(problem("http://127.0.0.1/mcp", "https://" + host + "/"))
			.isEqualTo("is the address of a cloud's metadata service");
		assertThat(this.lookups).isEmpty();
	}

	/** What reads them does not agree on what they are. */
	@ParameterizedTest
	@ValueSource(strings = { "2130706433", "0x7f000001", "0x7f.1", "127.1", "127.0.1", "0177.0.0.1", "127.000.000.001",
			"010.0.0.1", "0", "1", "0x", "127.0.0.1.", "256.0.0.1", "1.2.3.4.5", "as.example.1", "[fe80::1%25eth0]",
			"[::1%lo]", "as_example", "ex%41mple", "\u2460\u2461\u2466.0.0.1", "" })
	void hostsThatAreWrittenOddlyAreNone(String host) {
		URI target = URI.create("https://" + host + "/x");
		assertThat(this.rules.problem(URI.create("http://127.0.0.1/mcp"), target))
			.isEqualTo("has no host that is a name, or an address in its usual form");
		assertThat(this.lookups).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "ftp://as.example, is neither https nor http", "file:/etc/passwd, is neither https nor http",
			"//as.example/x, is neither https nor http", "/x, is neither https nor http",
			"'', is neither https nor http", "https://as.example/#x, has a fragment",
			"https://as.example/#, has a fragment",
			"https://user@as.example/, 'has user information, which makes one host look like another'",
			"https://@as.example/, 'has user information, which makes one host look like another'",
			"https:as.example, 'has no host that is a name, or an address in its usual form'" })
	void addressThatIsNoneOfAnEndpoint(String target, String problem) {
		assertThat(problem("https://api.example/mcp", target)).isEqualTo(problem);
	}

	@ParameterizedTest
	@CsvSource({ "https://api.example/mcp, https://api.example/custom.json?x=1",
			"https://api.example/mcp, https://API.example:443/x", "https://api.example:443/mcp, https://api.example/x",
			"http://127.0.0.1:80/mcp, http://127.0.0.1/x", "https://10.0.0.5:8443/mcp, https://10.0.0.5:8443/x" })
	void metadataIsAtTheResourcesOrigin(String resource, String location) {
		assertThat(this.rules.metadataProblem(URI.create(resource), URI.create(location))).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://as.example/x", "http://api.example:8443/x", "https://api.example:8444/x",
			"https://api.example/x", "https://www.api.example:8443/x", "https://api.example.:8443/x",
			"https://api.example:8443@as.example/x", "https://api.example:8443/x#y", "/x",
			"https://api.example:8443/x\u202egpj" })
	void metadataElsewhereIsNotRead(String location) {
		assertThat(this.rules.metadataProblem(URI.create("https://api.example:8443/mcp"), URI.create(location)))
			.isNotNull();
		assertThat(this.lookups).isEmpty();
	}

	private String problem(String resource, String target) {
		return this.rules.problem(URI.create(resource), URI.create(target));
	}

	private InetAddress[] resolve(String host) throws UnknownHostException {
		this.lookups.add(host);
		boolean literal = host.matches("[\\d.]+|\\[.*]");
		List<InetAddress> addresses = new ArrayList<>();
		for (String address : literal ? List.of(host) : NAMES.getOrDefault(host.toLowerCase(Locale.ROOT), List.of())) {
			addresses.add(InetAddress.getByName(address));
		}
		if (addresses.isEmpty()) {
			throw new UnknownHostException(host);
		}
		return addresses.toArray(InetAddress[]::new);
	}

}
