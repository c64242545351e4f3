package io.github.oauth2pkce.testing;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * A protected resource that tells clients where to get a token for it (RFC 6750, RFC
 * 9728), what its tokens must be good for, and how fresh its users must be (RFC 9470).
 * Safe for use by many threads.
 */
public final class FakeResource {

	private final String path;

	private final Supplier<String> origin;

	private final JsonMembers metadata = new JsonMembers();

	private final Map<String, String> demands = new LinkedHashMap<>();

	private final Map<String, String> challenge = new LinkedHashMap<>();

	private List<FakeAuthorizationServer> servers;

	private List<String> metadataPaths;

	private List<String> scopes = List.of();

	private List<String> verbatim = List.of();

	FakeResource(String path, Supplier<String> origin, FakeAuthorizationServer server) {
		this.path = path;
		this.origin = origin;
		this.servers = List.of(server);
		this.metadataPaths = List.of(pathForm());
	}

	/**
	 * Where it is: what {@code resource-uri} is set to.
	 */
	public URI uri() {
		return URI.create(this.origin.get() + this.path);
	}

	/**
	 * Members of its metadata to add, change or leave out: {@code resource},
	 * {@code authorization_servers}, {@code scopes_supported}.
	 */
	public JsonMembers metadata() {
		return this.metadata;
	}

	/**
	 * Name these servers in the metadata, in this order, and take the tokens of these
	 * only; at first it is the server that the resource is at.
	 */
	public synchronized FakeResource authorizedBy(FakeAuthorizationServer... servers) {
		this.servers = List.of(servers);
		return this;
	}

	/**
	 * Serve the metadata at these paths only, and nowhere if there are none; at first it
	 * is the path form. Challenges name the first of them.
	 */
	public synchronized FakeResource metadataAt(String... paths) {
		this.metadataPaths = List.of(paths);
		return this;
	}

	/** RFC 9728 section 3.1, the resource's path inserted. */
	public String pathForm() {
		return Endpoint.RESOURCE_METADATA.path() + (this.path.equals("/") ? "" : this.path);
	}

	public String rootForm() {
		return Endpoint.RESOURCE_METADATA.path();
	}

	/**
	 * Put another parameter into every challenge, or change {@code resource_metadata},
	 * {@code scope} or {@code error}; an empty value leaves it out.
	 */
	public synchronized FakeResource challenge(String name, String value) {
		this.challenge.put(name, value);
		return this;
	}

	/**
	 * Send these {@code WWW-Authenticate} headers as they stand, whatever the reason;
	 * none for challenges of its own again.
	 */
	public synchronized FakeResource challengeVerbatim(String... headers) {
		this.verbatim = List.of(headers);
		return this;
	}

	/**
	 * Answer 403 {@code insufficient_scope} to tokens that lack one of these.
	 */
	public synchronized FakeResource requireScopes(String... scopes) {
		this.scopes = List.of(scopes);
		return this;
	}

	/**
	 * Answer 401 {@code insufficient_user_authentication} to tokens of logins that were
	 * not asked for with this parameter: {@code acr_values} or {@code max_age}.
	 */
	public synchronized FakeResource demandAuthentication(String parameter, String value) {
		this.demands.put(parameter, value);
		return this;
	}

	/**
	 * Answer 401 {@code insufficient_claims}, as Microsoft Entra ID does, to tokens of
	 * logins that were not asked for with these {@code claims}.
	 */
	public synchronized FakeResource demandClaims(String json) {
		this.demands.put("claims", json);
		return this;
	}

	public synchronized FakeResource demandNothing() {
		this.demands.clear();
		this.scopes = List.of();
		return this;
	}

	boolean serves(String requested) {
		return requested.equals(this.path)
				|| requested.startsWith(this.path.endsWith("/") ? this.path : this.path + "/");
	}

	int specificity() {
		return this.path.length();
	}

	synchronized boolean describedAt(String requested) {
		return this.metadataPaths.contains(requested);
	}

	synchronized Map<String, Object> document() {
		Map<String, Object> document = new LinkedHashMap<>();
		document.put("resource", uri().toString());
		document.put("authorization_servers", this.servers.stream().map(FakeAuthorizationServer::issuer).toList());
		document.put("bearer_methods_supported", List.of("header"));
		return this.metadata.applyTo(document);
	}

	synchronized Answer answer(RecordedRequest request) {
		String token = request.bearer();
		if (token == null) {
			return refuse(401, Map.of());
		}
		TokenLedger.Valid valid = this.servers.stream()
			.map((server) -> server.find(token))
			.filter(Objects::nonNull)
			.findFirst()
			.orElse(null);
		if (valid == null) {
			return refuse(401, Map.of("error", "invalid_token"));
		}
		Session session = valid.session();
		if (!Arrays.asList(String.valueOf(valid.scope()).split(" ")).containsAll(this.scopes)) {
			return refuse(403, Map.of("error", "insufficient_scope", "scope", String.join(" ", this.scopes)));
		}
		if (!this.demands.entrySet()
			.stream()
			.allMatch((demand) -> session.askedFor(demand.getKey(), demand.getValue()))) {
			return refuse(401, demanded());
		}
		return Answer.json(200,
				Map.of("path", request.path(), "subject", session.subject(), "client", session.clientId()));
	}

	private Map<String, String> demanded() {
		Map<String, String> parameters = new LinkedHashMap<>(this.demands);
		parameters.put("error", "insufficient_user_authentication");
		parameters.computeIfPresent("claims", (name, json) -> {
			parameters.put("error", "insufficient_claims");
			return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
		});
		return parameters;
	}

	private Answer refuse(int status, Map<String, String> reason) {
		Answer answer = Answer.status(status);
		for (String header : this.verbatim.isEmpty() ? List.of(challenge(reason)) : this.verbatim) {
			answer = answer.withHeader("WWW-Authenticate", header);
		}
		return answer;
	}

	private String challenge(Map<String, String> reason) {
		Map<String, String> parameters = new LinkedHashMap<>(reason);
		if (!this.metadataPaths.isEmpty()) {
			parameters.put("resource_metadata", this.origin.get() + this.metadataPaths.get(0));
		}
		parameters.putAll(this.challenge);
		List<String> pairs = new ArrayList<>();
		parameters.forEach((name, value) -> {
			if (!value.isEmpty()) {
				pairs.add(name + "=\"" + value.replaceAll("[\"\\\\]", "\\\\$0") + "\"");
			}
		});
		return ("Bearer " + String.join(", ", pairs)).trim();
	}

}
