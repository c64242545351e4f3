package io.github.oauth2pkce.observability;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

class LocalAddressesTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					local.server.port=8080                                                     | http://localhost:8080/actuator/oauth2providers
					local.server.port=8443 server.ssl.bundle=web                               | https://localhost:8443/actuator/oauth2providers
					local.server.port=8080 server.ssl.bundle=web server.ssl.enabled=false      | http://localhost:8080/actuator/oauth2providers
					local.server.port=8080 server.servlet.context-path=/shop                   | http://localhost:8080/shop/actuator/oauth2providers
					local.server.port=8080 management.endpoints.web.base-path=/                | http://localhost:8080/oauth2providers
					local.server.port=8080 management.endpoints.web.path-mapping.oauth2providers=logins | http://localhost:8080/actuator/logins
					local.server.port=8080 local.management.port=9090 server.servlet.context-path=/shop management.server.base-path=/ops | http://localhost:9090/ops/actuator/oauth2providers
					local.server.port=8080 spring.mvc.servlet.path=/api/v1/ server.servlet.context-path=/shop | http://localhost:8080/shop/api/v1/actuator/oauth2providers
					local.server.port=8080 local.management.port=9090 spring.mvc.servlet.path=/api | http://localhost:9090/actuator/oauth2providers
					local.server.port=8080 server.address=10.0.0.5                             | http://10.0.0.5:8080/actuator/oauth2providers
					local.server.port=8080 server.address=::1                                  | http://[::1]:8080/actuator/oauth2providers
					local.server.port=8080 server.address=0.0.0.0                              | http://localhost:8080/actuator/oauth2providers
					local.server.port=8080 local.management.port=9090 server.address=10.0.0.5  | http://localhost:9090/actuator/oauth2providers
					server.port=0 management.endpoints.web.base-path=/manage                   | /manage/oauth2providers
					""")
	void endpointIsWhereThePropertiesPutIt(String properties, String endpoint) {
		assertThat(addresses(properties).endpoint()).isEqualTo(endpoint);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			SERVLET  | /web/api/actuator/oauth2providers | /web/oauth2/authorization
			REACTIVE | /flux/actuator/oauth2providers    | /flux/oauth2/authorization
			""")
	void pathsAreThoseOfTheServerThatRuns(WebApplicationType type, String endpoint, String browserLogin) {
		LocalAddresses addresses = addresses("local.server.port=8080 server.servlet.context-path=/web"
				+ " spring.mvc.servlet.path=/api spring.webflux.base-path=/flux/", type, true);
		assertThat(addresses.endpoint()).isEqualTo("http://localhost:8080" + endpoint);
		assertThat(addresses.browserLogin()).isEqualTo("http://localhost:8080" + browserLogin);
	}

	@Test
	void thereIsNoAddressOfWhatIsNotThere() {
		assertThat(addresses("local.server.port=8080 management.server.port=-1").endpoint()).isNull();
		LocalAddresses program = addresses("", WebApplicationType.NONE, true);
		assertThat(program.endpoint()).isNull();
		assertThat(program.browserLogin()).isNull();
		LocalAddresses hidden = new LocalAddresses(new MockEnvironment(), WebApplicationType.SERVLET, true, false,
				() -> null);
		assertThat(hidden.endpoint()).isNull();
		assertThat(hidden.browserLogin()).isNull();
		assertThat(hidden.isEndpointUnrestricted()).isFalse();
	}

	@Test
	void browserLoginsAreTheApplications() {
		assertThat(addresses("local.server.port=8080 local.management.port=9090").browserLogin())
			.isEqualTo("http://localhost:8080/oauth2/authorization");
	}

	/** A stored login may be refused before the server listens. */
	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			server.port=8443 server.ssl.bundle=web        | https://localhost:8443/actuator/oauth2providers
			spring.main.banner-mode=off                   | http://localhost:8080/actuator/oauth2providers
			server.port=0                                 | /actuator/oauth2providers
			server.port=9000 local.server.port=9001       | http://localhost:9001/actuator/oauth2providers
			management.server.port=9090                   | http://localhost:9090/actuator/oauth2providers
			management.server.port=0 server.port=9000     | /actuator/oauth2providers
			""")
	void portOfAnEmbeddedServerIsKnownBeforeItListens(String properties, String endpoint) {
		assertThat(addresses(properties).endpoint()).isEqualTo(endpoint);
	}

	@Test
	void portOfSomebodyElsesServletContainerIsNotGuessed() {
		assertThat(addresses("server.port=9000", WebApplicationType.SERVLET, false).endpoint())
			.isEqualTo("/actuator/oauth2providers");
	}

	private static LocalAddresses addresses(String properties) {
		return addresses(properties, WebApplicationType.SERVLET, true);
	}

	private static LocalAddresses addresses(String properties, WebApplicationType type, boolean embedded) {
		MockEnvironment environment = new MockEnvironment();
		for (String property : properties.split(" ")) {
			if (property.contains("=")) {
				environment.setProperty(property.substring(0, property.indexOf('=')),
						property.substring(property.indexOf('=') + 1));
			}
		}
		return new LocalAddresses(environment, type, embedded, true, () -> new EndpointOverHttp(true));
	}

}
