package io.github.oauth2pkce.configuration;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.configuration.ProviderProperties.AuthenticationMethod;
import io.github.oauth2pkce.configuration.ProviderProperties.GrantType;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/** Closed sets of a provider, in every spelling and by any binder. */
class ProviderPropertiesTests {

	@ParameterizedTest
	@CsvSource({ "device_code, DEVICE_CODE", "device-code, DEVICE_CODE", "Device_Code, DEVICE_CODE",
			"jwt-bearer, JWT_BEARER", "jwt_bearer, JWT_BEARER", "' token-exchange ', TOKEN_EXCHANGE" })
	void grantIsWrittenAsPeopleLike(String value, Grant grant) {
		assertThat(grant(value)).isEqualTo(grant);
	}

	@ParameterizedTest
	@EnumSource
	void everyGrantIsAlsoItsNameOnTheWire(Grant grant) {
		assertThat(grant(grant.type().getValue())).isEqualTo(grant);
		assertThat(grant(grant.property())).isEqualTo(grant);
	}

	@ParameterizedTest
	@EnumSource
	void grantIsBoundAsItIsShown(GrantType type) {
		assertThat(bind("authorization-grant-type", type.toString()).authorizationGrantType()).isEqualTo(type);
	}

	@ParameterizedTest
	@EnumSource
	void methodIsBoundAsItIsShown(AuthenticationMethod method) {
		assertThat(bind("client-authentication-method", method.toString()).clientAuthenticationMethod())
			.isEqualTo(method);
	}

	/** They offer constants in lower case, with dashes. */
	@ParameterizedTest
	@MethodSource
	void whatAnIdeCompletesIsBound(Enum<?> constant) {
		String value = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
		assertThat((constant instanceof GrantType) ? bind("authorization-grant-type", value).authorizationGrantType()
				: bind("client-authentication-method", value).clientAuthenticationMethod())
			.isEqualTo(constant);
	}

	static Stream<Enum<?>> whatAnIdeCompletesIsBound() {
		return Stream.concat(Arrays.stream(GrantType.values()), Arrays.stream(AuthenticationMethod.values()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "  " })
	void nothingIsNoChoice(String value) {
		assertThat(bind("authorization-grant-type", value).authorizationGrantType()).isNull();
		assertThat(bind("client-authentication-method", value).clientAuthenticationMethod()).isNull();
	}

	private static Grant grant(String value) {
		GrantType type = bind("authorization-grant-type", value).authorizationGrantType();
		assertThat(type).isNotNull();
		return type.grant();
	}

	private static ProviderProperties bind(String key, String value) {
		Binder binder = new Binder(
				new MapConfigurationPropertySource(Map.of("acme.client-id", "app", "acme." + key, value)));
		return binder.bind("acme", Bindable.of(ProviderProperties.class)).get();
	}

}
