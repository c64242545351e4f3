package io.github.oauth2pkce.testing;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Who may ask, and how they prove who they are (RFC 6749 section 2.3.1).
 */
final class RegisteredClients {

	private static final String REFUSAL = "Invalid client or Invalid client credentials";

	/** "MUST have an https scheme, MUST contain a path component". */
	private static final Pattern METADATA_DOCUMENT = Pattern.compile("https://[^/?#@]+/[^#]+");

	private final RegistrationSettings settings;

	private final InstantSource clock;

	private final BooleanSupplier anyAccepted;

	private final Map<String, FakeClient> clients = new ConcurrentHashMap<>();

	private final ClientAssertions assertions;

	RegisteredClients(RegistrationSettings settings, Supplier<String> issuer, InstantSource clock,
			BooleanSupplier anyAccepted) {
		this.settings = settings;
		this.anyAccepted = anyAccepted;
		this.assertions = new ClientAssertions(this::find, issuer, clock);
		this.clock = clock;
	}

	void register(FakeClient client) {
		this.clients.put(client.clientId(), client);
	}

	@Nullable FakeClient find(@Nullable String clientId) {
		if (clientId == null) {
			return null;
		}
		FakeClient client = this.clients.get(clientId);
		boolean document = this.settings.isMetadataDocumentAccepted() && METADATA_DOCUMENT.matcher(clientId).matches();
		if (client == null && this.anyAccepted.getAsBoolean()) {
			return FakeClient.anyone(clientId);
		}
		return (client == null && document) ? FakeClient.publicClient(clientId) : client;
	}

	FakeClient get(String clientId) {
		return Objects.requireNonNull(find(clientId), clientId);
	}

	void forget(String clientId) {
		this.clients.remove(clientId);
	}

	void forgetAll() {
		this.clients.clear();
	}

	FakeClient authenticate(RecordedRequest request) {
		String clientId = request.clientId();
		if (this.anyAccepted.getAsBoolean() && clientId != null && !this.clients.containsKey(clientId)) {
			return FakeClient.anyone(clientId);
		}
		if (request.hasParameter("client_assertion")) {
			return this.assertions.authenticate(request);
		}
		String basic = request.credentials("Basic ");
		FakeClient client = (basic != null) ? authenticateBasic(basic, request) : authenticateForm(request);
		Registration registration = client.registration();
		if (registration != null && registration.isSecretExpired(this.clock.instant())) {
			throw new ProtocolError(401, "invalid_client", "The client secret has expired", basic != null);
		}
		return client;
	}

	private FakeClient authenticateBasic(String basic, RecordedRequest request) {
		String[] credentials = decodeBasic(basic);
		// Clients that have no secret sometimes send the header all the same.
		if (credentials[1].isEmpty()) {
			throw new ProtocolError(401, "invalid_client", REFUSAL, true);
		}
		String clientId = request.parameter("client_id");
		if (request.hasParameter("client_secret") || (clientId != null && !clientId.equals(credentials[0]))) {
			throw ProtocolError.invalidRequest("More than one client authentication");
		}
		FakeClient client = find(credentials[0]);
		if (client == null || !client.authenticationMethods().contains("client_secret_basic")) {
			throw new ProtocolError(401, "invalid_client", REFUSAL, true);
		}
		if (!credentials[1].equals(client.clientSecret())) {
			throw new ProtocolError(401, "unauthorized_client", REFUSAL, true);
		}
		return client;
	}

	private FakeClient authenticateForm(RecordedRequest request) {
		FakeClient client = find(request.parameter("client_id"));
		if (client == null) {
			throw new ProtocolError(401, "invalid_client", REFUSAL);
		}
		if (!client.keys().isEmpty() || client.authenticationMethods().contains("client_secret_jwt")) {
			throw new ProtocolError(401, "invalid_client", REFUSAL);
		}
		if (client.authenticationMethods().contains("tls_client_auth")
				&& !("CN=" + client.clientId()).equals(request.header(FakeClient.CERTIFICATE))) {
			throw new ProtocolError(401, "invalid_client", "Client certificate missing");
		}
		if (client.clientSecret() == null) {
			return client;
		}
		String secret = request.parameter("client_secret");
		if (client.authenticationMethods().contains("none") && secret == null) {
			return client;
		}
		if (secret != null && !client.authenticationMethods().contains("client_secret_post")) {
			throw new ProtocolError(401, "invalid_client", REFUSAL);
		}
		if (!client.clientSecret().equals(secret)) {
			throw new ProtocolError(401, "unauthorized_client", REFUSAL);
		}
		return client;
	}

	/**
	 * "The client identifier is encoded using the application/x-www-form-urlencoded
	 * encoding algorithm […] the client password is encoded using the same algorithm".
	 */
	private static String[] decodeBasic(String basic) {
		try {
			String pair = new String(Base64.getDecoder().decode(basic), StandardCharsets.UTF_8);
			int colon = pair.indexOf(':');
			if (colon >= 0) {
				return new String[] { Parameters.decode(pair.substring(0, colon)),
						Parameters.decode(pair.substring(colon + 1)) };
			}
		}
		catch (IllegalArgumentException ex) {
			// Neither Base64 nor percent-encoded: refused below.
		}
		throw new ProtocolError(401, "invalid_client", REFUSAL, true);
	}

}
