package io.github.oauth2pkce.sample.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import io.github.oauth2pkce.login.LoggedOutEvent;
import io.github.oauth2pkce.login.LoginCompletedEvent;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * The catalogue, fetched when the copy at hand is too old. When fetching fails the old
 * copy stays, with the reason beside it. Thread-safe; while one thread fetches, the
 * others get the copy there is.
 */
@Component
public class ModelCatalogue {

	private final Lock fetching = new ReentrantLock();

	private final ModelSource source;

	private final CatalogueProperties properties;

	private final Clock clock;

	private volatile Copy copy = new Copy(Catalogue.EMPTY, Instant.MIN);

	ModelCatalogue(ModelSource source, CatalogueProperties properties, Clock clock) {
		this.source = source;
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
			return copy(Catalogue.fetched(this.source.fetch(), this.clock.instant()), this.properties.timeToLive());
		}
		catch (ModelSource.Failure ex) {
			return copy(known.failed(ex.getMessage(), ex.skipReason()), this.properties.retryAfter());
		}
	}

	private Copy copy(Catalogue catalogue, Duration goodFor) {
		return new Copy(catalogue, this.clock.instant().plus(goodFor));
	}

	private record Copy(Catalogue catalogue, Instant goodUntil) {

	}

}
