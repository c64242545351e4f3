package io.github.oauth2pkce.sample.authserver;

import java.util.List;

import io.github.oauth2pkce.sample.authserver.Models.Model;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The protected catalogue.
 */
@RestController
class ModelsController {

	@GetMapping("/api/models")
	List<Model> models() {
		return Models.ALL;
	}

}
