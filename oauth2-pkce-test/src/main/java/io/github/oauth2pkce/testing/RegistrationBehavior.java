package io.github.oauth2pkce.testing;

/**
 * Dynamic client registration (RFC 7591).
 */
final class RegistrationBehavior implements Behavior {

	private final RegistrationSettings settings;

	private final DiscoverySettings discovery;

	private final DynamicClients clients;

	RegistrationBehavior(RegistrationSettings settings, DiscoverySettings discovery, DynamicClients clients) {
		this.settings = settings;
		this.discovery = discovery;
		this.clients = clients;
	}

	@Override
	public Answer answer(RecordedRequest request) {
		if (!this.settings.isOpen()) {
			return Answer.status(404);
		}
		if (!request.method().equals("POST")) {
			return Answer.status(405);
		}
		String token = this.settings.initialAccessToken();
		if (token != null && !token.equals(request.bearer())) {
			return Answer.status(401).withHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"");
		}
		return Answer
			.json(201,
					this.settings.answer().applyTo(this.clients.register(ClientMetadata.read(request, this.discovery))))
			.withHeader("Cache-Control", "no-store");
	}

}
