package io.github.oauth2pkce.testing;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A client as registered at a {@link FakeAuthorizationServer}. Immutable.
 */
public final class FakeClient {

	/** The header in which what ends TLS before the server names the client. */
	public static final String CERTIFICATE = "X-Client-Certificate";

	private final String clientId;

	private final @Nullable String clientSecret;

	private final Set<String> authenticationMethods;

	private final boolean pkceRequired;

	private final boolean deviceGrantEnabled;

	private final @Nullable String redirectUri;

	private final @Nullable Registration registration;

	private final List<Map<String, Object>> keys;

	private FakeClient(String clientId, @Nullable String clientSecret, Set<String> authenticationMethods,
			boolean pkceRequired, boolean deviceGrantEnabled, @Nullable String redirectUri,
			@Nullable Registration registration, List<Map<String, Object>> keys) {
		this.clientId = clientId;
		this.clientSecret = clientSecret;
		this.authenticationMethods = authenticationMethods;
		this.pkceRequired = pkceRequired;
		this.deviceGrantEnabled = deviceGrantEnabled;
		this.redirectUri = redirectUri;
		this.registration = registration;
		this.keys = keys;
	}

	/**
	 * A client without a secret.
	 */
	public static FakeClient publicClient(String clientId) {
		return of(clientId, null, Set.of("none"), List.of());
	}

	/**
	 * A client that may send its secret either in a Basic header or in the form.
	 */
	public static FakeClient confidential(String clientId, String clientSecret) {
		return of(clientId, clientSecret, Set.of("client_secret_basic", "client_secret_post"), List.of());
	}

	/**
	 * A client that signs by a key, whose id has to be in its assertions; by one
	 * algorithm where the key has one.
	 * @param jwks its public keys, each as the JSON of RFC 7517
	 */
	public static FakeClient signing(String clientId, String... jwks) {
		return of(clientId, null, Set.of("private_key_jwt"),
				Arrays.stream(jwks).map((jwk) -> Objects.requireNonNull(Json.readObject(jwk), "not a JWK")).toList());
	}

	/**
	 * A client whose connections have a certificate for its id (RFC 8705 section 2.1.2).
	 */
	public static FakeClient certified(String clientId) {
		return publicClient(clientId).authenticatingWith("tls_client_auth");
	}

	private static FakeClient of(String clientId, @Nullable String clientSecret, Set<String> authenticationMethods,
			List<Map<String, Object>> keys) {
		return new FakeClient(clientId, clientSecret, authenticationMethods, false, true, null, null, keys);
	}

	/** One that may authenticate by every method, and nobody looks. */
	static FakeClient anyone(String clientId) {
		return of(clientId, null, Set.of("none", "client_secret_basic"), List.of());
	}

	static FakeClient registered(String clientId, @Nullable String clientSecret, String authenticationMethod,
			Registration registration, List<Map<String, Object>> keys) {
		return new FakeClient(clientId, clientSecret, Set.of(authenticationMethod), false, true, null, registration,
				keys);
	}

	/**
	 * Take these methods (RFC 8414 {@code token_endpoint_auth_methods_supported}) only.
	 */
	public FakeClient authenticatingWith(String... methods) {
		return new FakeClient(this.clientId, this.clientSecret, Set.of(methods), this.pkceRequired,
				this.deviceGrantEnabled, this.redirectUri, this.registration, this.keys);
	}

	/**
	 * Refuse device and authorization requests that carry no S256 challenge.
	 */
	public FakeClient requirePkce() {
		return new FakeClient(this.clientId, this.clientSecret, this.authenticationMethods, true,
				this.deviceGrantEnabled, this.redirectUri, this.registration, this.keys);
	}

	/**
	 * Refuse device authorization requests.
	 */
	public FakeClient withoutDeviceGrant() {
		return new FakeClient(this.clientId, this.clientSecret, this.authenticationMethods, this.pkceRequired, false,
				this.redirectUri, this.registration, this.keys);
	}

	/**
	 * Redirect to this address only. RFC 8252 section 7.3: "The authorization server MUST
	 * allow any port to be specified at the time of the request for loopback IP redirect
	 * URIs".
	 */
	public FakeClient redirectingTo(String redirectUri) {
		return new FakeClient(this.clientId, this.clientSecret, this.authenticationMethods, this.pkceRequired,
				this.deviceGrantEnabled, redirectUri, this.registration, this.keys);
	}

	/**
	 * Its id.
	 */
	public String clientId() {
		return this.clientId;
	}

	@Nullable String clientSecret() {
		return this.clientSecret;
	}

	Set<String> authenticationMethods() {
		return this.authenticationMethods;
	}

	boolean pkceRequired() {
		return this.pkceRequired;
	}

	boolean deviceGrantEnabled() {
		return this.deviceGrantEnabled;
	}

	@Nullable Registration registration() {
		return this.registration;
	}

	/** Its public keys (RFC 7517). */
	List<Map<String, Object>> keys() {
		return this.keys;
	}

	/**
	 * Whether it has registered for a grant; a client that has not registered itself may
	 * use all.
	 */
	boolean mayUse(String grantType) {
		return this.registration == null || this.registration.list("grant_types").contains(grantType);
	}

	boolean isRegistered(String redirectUri) {
		Registration registration = this.registration;
		if (registration != null) {
			return registration.list("redirect_uris")
				.stream()
				.map(String::valueOf)
				.anyMatch((registered) -> registered.equals(redirectUri)
						|| registration.anyLoopbackPort() && withoutPort(registered).equals(withoutPort(redirectUri)));
		}
		return this.redirectUri == null || withoutPort(redirectUri).equals(withoutPort(this.redirectUri));
	}

	private static String withoutPort(String uri) {
		return uri.replaceFirst("^(http://(127\\.0\\.0\\.1|\\[::1\\])):\\d+/", "$1/");
	}

	@Override
	public String toString() {
		return "FakeClient[" + this.clientId + "]";
	}

}
