package io.github.oauth2pkce.sample.client;

import java.util.List;

import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.bearer.SkipReason;
import org.jspecify.annotations.Nullable;

import org.springframework.context.annotation.Profile;
import org.springframework.http.HttpRequest;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/**
 * The models of a protected API.
 */
@Component
@Profile("!mcp")
class ModelsOfApi implements ModelSource {

	private final WebClient webClient;

	private final CatalogueProperties properties;

	ModelsOfApi(WebClient.Builder webClient, CatalogueProperties properties) {
		this.webClient = webClient.build();
		this.properties = properties;
	}

	@Override
	public List<Model> fetch() throws Failure {
		try {
			// The starter adds the bearer: the address is below one of the provider's
			// base-urls.
			return this.webClient.get()
				.uri(this.properties.uri())
				.retrieve()
				.bodyToFlux(Model.class)
				.collectList()
				.blockOptional(this.properties.timeout())
				.orElse(List.of());
		}
		catch (RuntimeException ex) {
			throw new Failure(reason(ex), skipReason(ex), ex);
		}
	}

	private static String reason(RuntimeException ex) {
		if (ex instanceof WebClientResponseException answer) {
			return "the API answered " + answer.getStatusCode();
		}
		return String.valueOf(ex.getMessage());
	}

	/** The starter leaves the reason with the request. */
	private static @Nullable SkipReason skipReason(RuntimeException ex) {
		HttpRequest request = (ex instanceof WebClientResponseException answer) ? answer.getRequest() : null;
		return (request != null
				&& request.getAttributes().get(BearerTokenFilter.SKIP_REASON_ATTRIBUTE) instanceof SkipReason reason)
						? reason : null;
	}

}
