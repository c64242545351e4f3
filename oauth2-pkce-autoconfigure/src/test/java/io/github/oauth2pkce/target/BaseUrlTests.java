package io.github.oauth2pkce.target;

import java.net.URI;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class BaseUrlTests {

	private static boolean contains(String baseUrl, String uri) {
		return BaseUrl.parse(baseUrl).contains(URI.create(uri));
	}

	@ParameterizedTest
	@CsvSource({ "https://api.example.com, https://api.example.com",
			"https://api.example.com, https://api.example.com/", "https://api.example.com/, https://api.example.com",
			"https://api.example.com, https://api.example.com/a/b?c#d",
			"https://api.example.com, https://api.example.com?q=1",
			"https://API.Example.com, https://api.example.COM/x", "HTTPS://api.example.com, https://api.example.com/",
			"https://api.example.com, HTTPS://api.example.com/",
			"https://api.example.com, https://api.example.com:443/",
			"https://api.example.com:443, https://api.example.com",
			"https://api.example.com:8443, https://api.example.com:8443/x", "http://localhost, http://localhost:80/",
			"http://localhost:8080, http://localhost:8080/x", "https://api.example.com:, https://api.example.com/",
			"https://[2001:db8::1], https://[2001:DB8::1]/x", "https://[::1]:8443, https://[::1]:8443/",
			"https://192.0.2.1, https://192.0.2.1/", "https://api.example.com., https://api.example.com./",
			"https://internal_api, https://internal_api/x", "https://internal_api:8443, https://INTERNAL_api:8443/x" })
	void containsWhatHasItsOrigin(String baseUrl, String uri) {
		assertThat(contains(baseUrl, uri)).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "https://api.example.com, http://api.example.com/", "http://localhost, https://localhost/",
			"https://api.example.com, https://api.example.com:8443/",
			"https://api.example.com:8443, https://api.example.com/", "https://api.example.com, https://example.com/",
			"https://api.example.com, https://api.example.com.evil.com/",
			"https://api.example.com, https://evilapi.example.com/", "https://api.example.com, https://api.example.co/",
			"https://api.example.com, https://api.example.com@evil.com/",
			"https://api.example.com, https://user@api.example.com/",
			"https://api.example.com, https://@api.example.com/",
			"https://api.example.com, https://user:secret@api.example.com/",
			"https://api.example.com, https://api.example.com:443@evil.com/",
			"https://api.example.com, https://evil.com/https://api.example.com/",
			"https://api.example.com, https://evil.com?api.example.com",
			"https://api.example.com, https://evil.com#@api.example.com",
			"https://api.example.com, https://api.example.com./", "https://api.example.com., https://api.example.com/",
			"https://api.example.com, https://api%2eexample.com/",
			"https://api.example.com, https://api.example.com%40evil.com/",
			"https://api.example.com, https://api.example.com%2f@evil.com/",
			"https://api.example.com, //api.example.com/", "https://api.example.com, /api",
			"https://api.example.com, mailto:a@api.example.com", "https://api.example.com, https:api.example.com/",
			"https://api.example.com, https:///api.example.com/", "https://api.example.com, wss://api.example.com/",
			"https://api.example.com, https://api.example.com:0/", "https://[::1], https://[::2]/",
			"https://[::1], https://[::1]:8443/", "https://internal_api, https://internal_api:x/",
			"https://internal_api, https://internal_api:443:443/", "https://internal_api, https://user@internal_api/" })
	void doesNotContainOtherOrigins(String baseUrl, String uri) {
		assertThat(contains(baseUrl, uri)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://api.example.com\\@evil.com/", "https://evil.com\\.api.example.com/",
			"https:\\\\api.example.com/", "https://api.example.com/a\\..\\b" })
	void backslashesDoNotGetAsFarAsHere(String uri) {
		assertThatIllegalArgumentException().isThrownBy(() -> URI.create(uri));
	}

	@ParameterizedTest
	@CsvSource({ "https://b\u00fccher.de, https://b\u00fccher.de/",
			"https://b\u00fccher.de:8443, https://b\u00fccher.de:8443/x",
			"https://b\u00fccher.de:8443, https://xn--bcher-kva.de:8443/x",
			"https://xn--bcher-kva.de:8443, https://b\u00fccher.de:8443/x",
			"https://B\u00dcCHER.de, https://b\u00fccher.DE:443/", "https://b\u00fccher.de, https://b%C3%BCcher.de/",
			"https://b\u00fccher.de:8443/v1, https://b%c3%bccher.de:8443/v1/x",
			"https://\u4f8b\u3048.jp, https://xn--r8jz45g.jp/" })
	void containsInternationalHostsHoweverTheyAreWritten(String baseUrl, String uri) {
		assertThat(contains(baseUrl, uri)).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "https://b\u00fccher.de, https://bucher.de/", "https://b\u00fccher.de, https://b\u00fccher.de:8443/",
			"https://b\u00fccher.de:8443, https://b\u00fccher.de/", "https://b\u00fccher.de, http://b\u00fccher.de/",
			"https://b\u00fccher.de, https://user@b\u00fccher.de/",
			"https://b\u00fccher.de, https://b\u00fccher.de%2eevil.com/",
			"https://b\u00fccher.de, https://b\u00fccher.de%40evil.com/", "https://strasse.de, https://stra\u00dfe.de/",
			"https://b\u00fccher.de, https://b\u00fc\u200dcher.de/", "https://b\u00fccher.de, https://b%FCcher.de/",
			"https://b\u00fccher.de, https://b\u00fccher.de:99999999/" })
	void doesNotContainOtherInternationalHosts(String baseUrl, String uri) {
		assertThat(contains(baseUrl, uri)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/api", "/api/", "/api/x", "/api?x=/../y", "/api#/../y", "/api/.well-known/x", "/api/x..y",
			"/api/...", "/api/a.b", "/api//x", "/api/a%20b", "/api/100%25", "/api/projects/group%2Fproject",
			"/api/caf%C3%A9", "/api/x;v=1" })
	void containsWhatLiesBelowItsPath(String path) {
		assertThat(contains("https://api.example.com/api", "https://api.example.com" + path)).isTrue();
		assertThat(contains("https://api.example.com/api/", "https://api.example.com" + path)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "/", "/apievil", "/API/x", "//api/x", "/x/api", "/api;v=1/x", "/api%2Fx", "/ap%69/x",
			"/api/..", "/api/../admin", "/api/./x", "/api/x/..", "/api//../admin", "/api/%2e%2e/admin",
			"/api/.%2E/admin", "/api/%2e", "/api/..%2fadmin", "/api/..%5Cadmin", "/api/..;/admin", "/api/..;x=1/admin",
			"/api/%2e%2e;/admin", "/api/%252e%252e/admin", "/api/..%252fadmin", "/api/%25252e%25252e/x",
			"/api/%252525252e/x", "/api/%c0%ae%c0%ae/admin", "/api/x%2f..%2f..%2fadmin", "/api/%2e%2e/100%25",
			"/api/%e0%80%ae%e0%80%ae/admin", "/api/x%E0%80%AF..%e0%80%afadmin", "/api/%e0%9f%bf",
			"/api/%f0%80%80%ae%f0%80%80%ae/admin", "/api/%F0%8f%bf%bf", "/api/%25e0%2580%25ae" })
	void doesNotContainWhatLiesOrMayLeadElsewhere(String path) {
		assertThat(contains("https://api.example.com/api", "https://api.example.com" + path)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/..", "/api/../admin", "/%2e%2e" })
	void anOriginContainsAllOfItsPaths(String path) {
		assertThat(contains("https://api.example.com", "https://api.example.com" + path)).isTrue();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "api.example.com | begin with", "/api | begin with", "ftp://api.example.com | begin with",
					"https: | not a URL", "https:// | not a URL", "https:///api | name a host",
					"https://:8443 | name a host", "https://api.example.com?x=1 | nothing more",
					"https://api.example.com#x | nothing more", "https://user@api.example.com | nothing more",
					"https://a b/ | not a URL", "https://ex\\ample.com | not a URL",
					"https://api.example.com/a/../b | '..'", "https://api.example.com/%2e%2e/b | '..'",
					"https://stra\u00dfe.de | xn--", "https://api%2eexample.com | name a host",
					"https:api.example.com | name a host", "https://*.example.com | name a host" })
	void refusesWhatIsNoBaseUrl(String text, String reason) {
		assertThatIllegalArgumentException().isThrownBy(() -> BaseUrl.parse(text)).withMessageContaining(reason);
	}

	@Test
	void showsWhatItComparesWith() {
		assertThat(BaseUrl.parse("HTTPS://B\u00fccher.DE/V1/")).hasToString("https://xn--bcher-kva.de:443/V1");
	}

}
