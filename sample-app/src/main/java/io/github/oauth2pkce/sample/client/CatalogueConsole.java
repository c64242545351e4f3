package io.github.oauth2pkce.sample.client;

import io.github.oauth2pkce.bearer.SkipReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Says on the console when the catalogue appears, is refreshed, or cannot be had.
 */
@Component
class CatalogueConsole {

	private static final Logger logger = LoggerFactory.getLogger(CatalogueConsole.class);

	private final ModelCatalogue catalogue;

	private Catalogue said = Catalogue.EMPTY;

	CatalogueConsole(ModelCatalogue catalogue) {
		this.catalogue = catalogue;
	}

	@Scheduled(fixedDelay = 500)
	void look() {
		Catalogue current = this.catalogue.current();
		if (current.equals(this.said)) {
			return;
		}
		this.said = current;
		if (current.problem() == null) {
			// The API answers nobody without a bearer.
			logger.info("catalogue: {} models, fetched with a bearer", current.models().size());
		}
		else if (current.fetchedAt() != null) {
			logger.warn("catalogue: {} models from {}, because {}", current.models().size(), current.fetchedAt(),
					current.problem());
		}
		else if (current.skipReason() != SkipReason.NO_TOKEN) {
			logger.info("catalogue: not there yet, because {}", current.problem());
		}
	}

}
