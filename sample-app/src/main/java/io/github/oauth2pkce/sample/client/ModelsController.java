package io.github.oauth2pkce.sample.client;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Shows the catalogue as JSON.
 */
@RestController
class ModelsController {

	private final ModelCatalogue catalogue;

	ModelsController(ModelCatalogue catalogue) {
		this.catalogue = catalogue;
	}

	@GetMapping("/models")
	Catalogue models() {
		return this.catalogue.current();
	}

}
