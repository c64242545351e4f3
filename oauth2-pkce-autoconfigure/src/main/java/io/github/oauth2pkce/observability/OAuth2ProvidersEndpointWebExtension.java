package io.github.oauth2pkce.observability;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.login.LoginException;
import io.github.oauth2pkce.store.TokenStoreException;

import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

/** Gives the operations of {@link OAuth2ProvidersEndpoint} their HTTP status. */
@EndpointWebExtension(endpoint = OAuth2ProvidersEndpoint.class)
public class OAuth2ProvidersEndpointWebExtension {

	private static final int BAD_GATEWAY = 502;

	private final OAuth2ProvidersEndpoint endpoint;

	/**
	 * Creates the extension.
	 * @param endpoint the endpoint itself
	 */
	public OAuth2ProvidersEndpointWebExtension(OAuth2ProvidersEndpoint endpoint) {
		this.endpoint = endpoint;
	}

	/**
	 * One provider.
	 * @param id the provider id
	 * @return its entry, {@code 404} when there is no such provider
	 */
	@ReadOperation
	public WebEndpointResponse<Map<String, Object>> provider(@Selector String id) {
		return respond(id, () -> this.endpoint.provider(id), WebEndpointResponse.STATUS_OK);
	}

	/**
	 * Starts or joins a login ({@code 202}), refreshes, or gives the running login up
	 * ({@code 200}).
	 * @param id the provider id
	 * @param action {@code login}, {@code refresh} or {@code cancel}; nothing means
	 * {@code login}
	 * @return {@code 404} when there is no such provider, {@code 400} when it cannot be
	 * done, {@code 502} when the authorization server did not help
	 */
	@WriteOperation
	public WebEndpointResponse<Map<String, Object>> act(@Selector String id, @Nullable String action) {
		boolean done = "refresh".equals(action) || "cancel".equals(action);
		int status = done ? WebEndpointResponse.STATUS_OK : 202;
		return respond(id, () -> this.endpoint.act(id, action), status);
	}

	/**
	 * Starts or joins a login for {@code curl -X POST}, which sends no content type: an
	 * operation with a body demands one, this one has none.
	 * @param id the provider id
	 * @return as {@link #act(String, String)} without an action
	 */
	@WriteOperation
	public WebEndpointResponse<Map<String, Object>> logIn(@Selector String id) {
		return act(id, null);
	}

	/**
	 * Revokes and forgets.
	 * @param id the provider id
	 * @return the entry afterwards, {@code 404} when there is no such provider,
	 * {@code 503} when the store could not forget it
	 */
	@DeleteOperation
	public WebEndpointResponse<Map<String, Object>> forget(@Selector String id) {
		return respond(id, () -> this.endpoint.forget(id), WebEndpointResponse.STATUS_OK);
	}

	private WebEndpointResponse<Map<String, Object>> respond(String id,
			Supplier<@Nullable Map<String, Object>> operation, int status) {
		try {
			Map<String, Object> body = operation.get();
			return (body != null) ? new WebEndpointResponse<>(body, status)
					: new WebEndpointResponse<>(error(Problem.NOT_FOUND.code(), this.endpoint.noProvider(id)),
							WebEndpointResponse.STATUS_NOT_FOUND);
		}
		catch (LoginException ex) {
			return new WebEndpointResponse<>(error(ex.errorCode(), ex.getMessage()), BAD_GATEWAY);
		}
		catch (TokenStoreException ex) {
			return new WebEndpointResponse<>(error(Problem.STORE_ERROR.code(), ex.getMessage()),
					WebEndpointResponse.STATUS_SERVICE_UNAVAILABLE);
		}
		catch (IllegalArgumentException ex) {
			return new WebEndpointResponse<>(error(OAuth2ErrorCodes.INVALID_REQUEST, ex.getMessage()),
					WebEndpointResponse.STATUS_BAD_REQUEST);
		}
	}

	private static Map<String, Object> error(String error, @Nullable String message) {
		Map<String, Object> body = new LinkedHashMap<>();
		body.put("error", error);
		body.put("message", String.valueOf(message));
		return body;
	}

}
