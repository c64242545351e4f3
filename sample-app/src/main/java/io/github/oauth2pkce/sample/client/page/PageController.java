package io.github.oauth2pkce.sample.client.page;

import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.sample.client.ModelCatalogue;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStoreException;

import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.view.RedirectView;

/**
 * The page, and its buttons. Each button is a plain form that leads back to the page,
 * where the outcome is to be seen.
 */
@Controller
class PageController {

	/** How long a button waits for its effect; the page shows it later, too. */
	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final Providers providers;

	private final Credentials credentials;

	private final Logins logins;

	private final Logout logout;

	private final ProviderCards cards;

	private final RequestCounts requests;

	private final Happenings happenings;

	private final ModelCatalogue catalogue;

	private final Clock clock;

	PageController(Providers providers, Credentials credentials, Logins logins, Logout logout, ProviderCards cards,
			RequestCounts requests, Happenings happenings, ModelCatalogue catalogue, Clock clock) {
		this.providers = providers;
		this.credentials = credentials;
		this.logins = logins;
		this.logout = logout;
		this.cards = cards;
		this.requests = requests;
		this.happenings = happenings;
		this.catalogue = catalogue;
		this.clock = clock;
	}

	@GetMapping(path = "/", produces = MediaType.TEXT_HTML_VALUE)
	ModelAndView page(@RequestAttribute("_csrf") CsrfToken csrf) {
		List<ProviderCard> all = this.cards.all();
		return new ModelAndView("page",
				Map.of("title", title(all), "csrfName", csrf.getParameterName(), "csrfToken", csrf.getToken(), "now",
						this.clock.millis(), "providers", all, "catalogue", CatalogueTable.of(this.catalogue.atHand()),
						"chart", this.requests.chart(), "happenings", this.happenings.latest()));
	}

	/** What a tab in the background shows: the state that a person should see first. */
	private static String title(List<ProviderCard> cards) {
		return cards.stream()
			.max(Comparator.comparing(ProviderCard::tone))
			.map((card) -> card.id() + ": " + card.headline())
			.orElse("No provider");
	}

	@PostMapping("/providers/{id}/login")
	RedirectView logIn(@PathVariable String id) {
		CredentialId credential = known(id);
		if (!this.logins.canStart(this.providers.get(id))) {
			throw new ResponseStatusException(HttpStatus.CONFLICT);
		}
		await(this.logins.start(credential).shown());
		return toPage();
	}

	@PostMapping("/providers/{id}/cancel")
	RedirectView cancel(@PathVariable String id) {
		Login login = this.logins.running(known(id));
		if (login != null) {
			login.cancel();
			await(login.completion());
		}
		return toPage();
	}

	@PostMapping("/providers/{id}/refresh")
	RedirectView refresh(@PathVariable String id) {
		await(this.credentials.current(known(id), RefreshTrigger.MANUAL));
		return toPage();
	}

	@PostMapping("/providers/{id}/logout")
	RedirectView logOut(@PathVariable String id) {
		try {
			this.logout.forget(known(id));
		}
		catch (TokenStoreException ex) {
			this.happenings.add(id, Tone.ATTENTION, "The login could not be deleted: " + ex.getMessage());
		}
		return toPage();
	}

	private CredentialId known(String id) {
		if (this.providers.find(id) == null) {
			throw new ResponseStatusException(HttpStatus.NOT_FOUND);
		}
		return CredentialId.ofApplication(id);
	}

	private static void await(CompletableFuture<?> effect) {
		try {
			effect.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (ExecutionException | TimeoutException ex) {
			// The page tells how far it got.
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/** See Other: so that a reload of the page does not press the button again. */
	private static RedirectView toPage() {
		RedirectView redirect = new RedirectView("/");
		redirect.setStatusCode(HttpStatus.SEE_OTHER);
		return redirect;
	}

}
