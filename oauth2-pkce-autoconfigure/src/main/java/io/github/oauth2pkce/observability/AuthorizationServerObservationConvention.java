package io.github.oauth2pkce.observability;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

import io.micrometer.common.KeyValues;

import io.github.oauth2pkce.observability.PkceObservation.Key;
import io.github.oauth2pkce.token.AuthorizationServerCall;

import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientRequestObservationContext;
import org.springframework.web.reactive.function.client.ClientRequestObservationConvention;
import org.springframework.web.reactive.function.client.ClientResponse;

/**
 * Names {@link PkceObservation#AUTHORIZATION_SERVER_REQUEST} and its keys: ids and closed
 * sets only, never an address, a user or a message. Thread-safe.
 */
public final class AuthorizationServerObservationConvention implements ClientRequestObservationConvention {

	/** The name of the observation, its timer and its span's kind. */
	public static final String NAME = "oauth2.pkce.authorization.server.requests";

	/** Creates the convention. */
	public AuthorizationServerObservationConvention() {
	}

	@Override
	public String getName() {
		return NAME;
	}

	@Override
	public String getContextualName(ClientRequestObservationContext context) {
		return "oauth2 " + call(context).endpoint();
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(ClientRequestObservationContext context) {
		AuthorizationServerCall call = call(context);
		return KeyValues.of(Key.ENDPOINT.withValue(call.endpoint()), Key.GRANT.withValue(call.grant()),
				Key.OUTCOME.withValue(outcome(context)), Key.PROVIDER.withValue(call.providerId()));
	}

	/** None: the default has the address, and a configured one may have a query. */
	@Override
	public KeyValues getHighCardinalityKeyValues(ClientRequestObservationContext context) {
		return KeyValues.empty();
	}

	/** From the builder, because the request is not built when the observation starts. */
	private static AuthorizationServerCall call(ClientRequestObservationContext context) {
		Map<String, Object> attributes = new HashMap<>();
		ClientRequest.Builder request = context.getCarrier();
		if (request != null) {
			request.attributes(attributes::putAll);
		}
		return (attributes.get(AuthorizationServerCall.ATTRIBUTE) instanceof AuthorizationServerCall call) ? call
				: new AuthorizationServerCall(AuthorizationServerCall.NONE, AuthorizationServerCall.NONE,
						AuthorizationServerCall.NONE);
	}

	private static String outcome(ClientRequestObservationContext context) {
		ClientResponse response = context.getResponse();
		HttpStatus.Series series = (response != null && !context.isAborted())
				? HttpStatus.Series.resolve(response.statusCode().value()) : null;
		if (series == null) {
			return "no_answer";
		}
		return (series == HttpStatus.Series.SUCCESSFUL) ? "success" : series.name().toLowerCase(Locale.ROOT);
	}

}
