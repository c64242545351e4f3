package io.github.oauth2pkce.testing;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * RFC 8628 section 3.1 and 3.2.
 */
final class DeviceAuthorizationBehavior implements Behavior {

	private final DeviceSettings settings;

	private final RegisteredClients clients;

	private final DeviceLogins logins;

	private final ResourceIndicators resources;

	private final Supplier<String> origin;

	DeviceAuthorizationBehavior(DeviceSettings settings, RegisteredClients clients, DeviceLogins logins,
			ResourceIndicators resources, Supplier<String> origin) {
		this.settings = settings;
		this.clients = clients;
		this.logins = logins;
		this.resources = resources;
		this.origin = origin;
	}

	@Override
	public Answer answer(RecordedRequest request) {
		FormPost.check(request, "invalid_grant");
		FakeClient client = this.clients.authenticate(request);
		if (!client.deviceGrantEnabled() || !client.mayUse(TokenBehavior.DEVICE_CODE)) {
			throw new ProtocolError(400, "unauthorized_client",
					"Client is not allowed to initiate OAuth 2.0 Device Authorization Grant."
							+ " The flow is disabled for the client.");
		}
		this.resources.check(request);
		DeviceLogins.Codes codes = this.logins.begin(client, request, Pkce.readChallenge(client, request));
		String verificationUri = this.origin.get() + "/device";
		Map<String, Object> members = new LinkedHashMap<>();
		members.put("device_code", codes.deviceCode());
		members.put("user_code", codes.userCode());
		members.put("verification_uri", verificationUri);
		members.put("verification_uri_complete", verificationUri + "?user_code=" + codes.userCode());
		members.put("expires_in", this.settings.lifetime().toSeconds());
		members.put("interval", this.settings.interval().toSeconds());
		return Answer.json(200, this.settings.answer().applyTo(members)).withHeader("Cache-Control", "no-store");
	}

}
