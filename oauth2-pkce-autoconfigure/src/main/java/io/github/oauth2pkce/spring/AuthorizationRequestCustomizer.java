package io.github.oauth2pkce.spring;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.code.PushedAuthorizationRequests;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.token.AuthorizationServerClient;

import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;

/**
 * Makes Spring Security's authorization requests as the provider wants them: with a proof
 * key or without, with its resource indicators (RFC 8707 section 2.1) and additional
 * parameters, and with what resources demand of the login. For
 * {@code setAuthorizationRequestCustomizer} of its two resolvers, which call it last.
 * Thread-safe; blocking where a resource has to be discovered, so the reactive resolver
 * calls it off the event loop.
 */
public final class AuthorizationRequestCustomizer implements Consumer<OAuth2AuthorizationRequest.Builder> {

	private static final Consumer<OAuth2AuthorizationRequest.Builder> WITH_PKCE = OAuth2AuthorizationRequestCustomizers
		.withPkce();

	private final Providers providers;

	private final ResourceIndicators resources;

	private final WebStepUps stepUps;

	private final PushedAuthorizationRequests pushed;

	private final Discovery discovery;

	private final WebLogins logins;

	/**
	 * Creates the customizer.
	 * @param providers the providers; other registrations are left alone
	 * @param resources their resource indicators
	 * @param stepUps what resources demand of their logins
	 * @param client pushes requests (RFC 9126)
	 * @param discovery knows what the servers demand
	 * @param logins makes their keys, and is told of logins that cannot begin
	 */
	public AuthorizationRequestCustomizer(Providers providers, ResourceIndicators resources, WebStepUps stepUps,
			AuthorizationServerClient client, Discovery discovery, WebLogins logins) {
		this.providers = providers;
		this.resources = resources;
		this.stepUps = stepUps;
		this.pushed = new PushedAuthorizationRequests(client, discovery);
		this.discovery = discovery;
		this.logins = logins;
	}

	@Override
	public void accept(OAuth2AuthorizationRequest.Builder builder) {
		Map<String, Object> attributes = new HashMap<>();
		builder.attributes(attributes::putAll);
		Provider provider = this.providers.find(String.valueOf(attributes.get(OAuth2ParameterNames.REGISTRATION_ID)));
		if (provider == null) {
			return;
		}
		try {
			customize(provider, attributes, builder);
		}
		catch (RuntimeException ex) {
			this.logins.notBegun(provider, ex);
			throw ex;
		}
	}

	private void customize(Provider provider, Map<String, Object> attributes,
			OAuth2AuthorizationRequest.Builder builder) {
		builder.attributes((all) -> all.put(WebLogin.STARTED_AT, System.currentTimeMillis()));
		if (!provider.login().pkce()) {
			withoutPkce(builder);
		}
		else if (!attributes.containsKey(PkceParameterNames.CODE_VERIFIER)) {
			// A registration that is not ours, and says requireProofKey(false).
			WITH_PKCE.accept(builder);
		}
		if (provider.tokens().dpop()) {
			this.discovery.checkProofs(provider);
			DpopKey key = DpopKey.generate();
			builder.attributes((all) -> all.put(WebLogin.DPOP_KEY, this.logins.sealed(provider, key)));
			builder.additionalParameters((parameters) -> parameters.put("dpop_jkt", key.thumbprint()));
		}
		List<String> resources = this.resources.of(provider.id());
		if (!resources.isEmpty()) {
			builder.additionalParameters((parameters) -> parameters.put("resource", resources));
		}
		// What the application has set for this one request is what it wants.
		builder.additionalParameters(
				(parameters) -> provider.request().additionalParameters().forEach(parameters::putIfAbsent));
		this.stepUps.ask(provider, CurrentUser.nameOnThread(), builder);
		URI endpoint = this.pushed.endpoint(provider);
		if (endpoint != null) {
			// Spring Security calls this when all of it is there. The session keeps the
			// parameters, the browser gets a reference.
			builder.authorizationRequestUri((uri) -> push(provider, endpoint, uri.build()));
		}
	}

	private URI push(Provider provider, URI endpoint, URI request) {
		try {
			return this.pushed.push(provider, endpoint, request);
		}
		catch (RuntimeException ex) {
			this.logins.notBegun(provider, ex);
			throw ex;
		}
	}

	/**
	 * Spring Security adds a proof key for public clients whatever their registration
	 * says. The stored verifier goes too: it would be sent with the code.
	 */
	private static void withoutPkce(OAuth2AuthorizationRequest.Builder builder) {
		builder.attributes((attributes) -> attributes.remove(PkceParameterNames.CODE_VERIFIER));
		builder.additionalParameters((parameters) -> {
			parameters.remove(PkceParameterNames.CODE_CHALLENGE);
			parameters.remove(PkceParameterNames.CODE_CHALLENGE_METHOD);
		});
	}

}
