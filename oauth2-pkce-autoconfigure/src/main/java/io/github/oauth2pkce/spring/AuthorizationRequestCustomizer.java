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

	/**
	 * Creates the customizer.
	 * @param providers the providers; other registrations are left alone
	 * @param resources their resource indicators
	 * @param stepUps what resources demand of their logins
	 * @param pushed pushes requests (RFC 9126)
	 */
	public AuthorizationRequestCustomizer(Providers providers, ResourceIndicators resources, WebStepUps stepUps,
			PushedAuthorizationRequests pushed) {
		this.providers = providers;
		this.resources = resources;
		this.stepUps = stepUps;
		this.pushed = pushed;
	}

	@Override
	public void accept(OAuth2AuthorizationRequest.Builder builder) {
		Map<String, Object> attributes = new HashMap<>();
		builder.attributes(attributes::putAll);
		Provider provider = this.providers.find(String.valueOf(attributes.get(OAuth2ParameterNames.REGISTRATION_ID)));
		if (provider == null) {
			return;
		}
		builder.attributes((all) -> all.put(WebLogin.STARTED_AT, System.currentTimeMillis()));
		if (!provider.login().pkce()) {
			withoutPkce(builder);
		}
		else if (!attributes.containsKey(PkceParameterNames.CODE_VERIFIER)) {
			// A registration that is not ours, and says requireProofKey(false).
			WITH_PKCE.accept(builder);
		}
		if (provider.tokens().dpop()) {
			DpopKey key = DpopKey.generate();
			builder.attributes((all) -> all.put(WebLogin.DPOP_KEY, key.toJwk()));
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
			builder.authorizationRequestUri((uri) -> this.pushed.pushOwn(provider, endpoint, uri.build()));
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
