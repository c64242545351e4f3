package io.github.oauth2pkce.sample.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import io.github.oauth2pkce.bearer.BearerTokenFilter;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.login.LoggedOutEvent;
import io.github.oauth2pkce.login.LoginCompletedEvent;
import org.jspecify.annotations.Nullable;

import org.springframework.context.event.EventListener;
import org.springframework.http.HttpRequest;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/**
 * The catalogue, fetched when the copy at hand is too old. When fetching fails the old
 * copy stays, with the reason beside it. Thread-safe; while one thread fetches, the
 * others get the copy there is.
 */
@Component
public class ModelCatalogue {

	private final Lock fetching = new ReentrantLock();

	private final WebClient webClient;

	private final CatalogueProperties properties;

	private final Clock clock;

	private volatile Copy copy = new Copy(Catalogue.EMPTY, Instant.MIN);

	ModelCatalogue(WebClient.Builder webClient, CatalogueProperties properties, Clock clock) {
		this.webClient = webClient.build();
		this.properties = properties;
		this.clock = clock;
	}

	Catalogue current() {
		if (isDue() && this.fetching.tryLock()) {
			try {
				if (isDue()) {
					this.copy = fetch(this.copy.catalogue());
				}
			}
			finally {
				this.fetching.unlock();
			}
		}
		return this.copy.catalogue();
	}

	/**
	 * The copy there is, however old; never fetches.
	 * @return the copy
	 */
	public Catalogue atHand() {
		return this.copy.catalogue();
	}

	/** What was fetched with one login says nothing about the next. */
	@EventListener({ LoginCompletedEvent.class, LoggedOutEvent.class })
	void loginChanged() {
		this.copy = new Copy(this.copy.catalogue(), Instant.MIN);
	}

	private boolean isDue() {
		return !this.clock.instant().isBefore(this.copy.goodUntil());
	}

	private Copy fetch(Catalogue known) {
		try {
			// The starter adds the bearer: the address is below one of the provider's
			// base-urls.
			List<Model> models = this.webClient.get()
				.uri(this.properties.uri())
				.retrieve()
				.bodyToFlux(Model.class)
				.collectList()
				.blockOptional(this.properties.timeout())
				.orElse(List.of());
			return copy(Catalogue.fetched(models, this.clock.instant()), this.properties.timeToLive());
		}
		catch (RuntimeException ex) {
			return copy(known.failed(reason(ex), skipReason(ex)), this.properties.retryAfter());
		}
	}

	private Copy copy(Catalogue catalogue, Duration goodFor) {
		return new Copy(catalogue, this.clock.instant().plus(goodFor));
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

	private record Copy(Catalogue catalogue, Instant goodUntil) {

	}

}
