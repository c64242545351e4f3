package io.github.oauth2pkce.testing;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.jspecify.annotations.Nullable;

/**
 * Which clients may introduce themselves, and what they get.
 */
public final class RegistrationSettings {

	private final JsonMembers answer = new JsonMembers();

	private final Queue<String> clientIds = new ConcurrentLinkedQueue<>();

	private volatile boolean open;

	private volatile boolean metadataDocumentsAccepted;

	private volatile @Nullable String initialAccessToken;

	private volatile @Nullable String authenticationMethod;

	private volatile boolean secretAlwaysIssued;

	private volatile @Nullable Duration secretLifetime;

	private volatile boolean managed;

	private volatile boolean accessTokenRotated;

	private volatile boolean anyLoopbackPort;

	RegistrationSettings() {
	}

	/**
	 * Announce and serve dynamic registration (RFC 7591); it is closed unless told so.
	 */
	public RegistrationSettings open() {
		return open(true);
	}

	public RegistrationSettings open(boolean open) {
		this.open = open;
		return this;
	}

	/**
	 * Announce client id metadata documents, and take every https URL with a path for the
	 * id of a public client. The document is not read.
	 */
	public RegistrationSettings acceptMetadataDocuments(boolean accepted) {
		this.metadataDocumentsAccepted = accepted;
		return this;
	}

	/**
	 * Register only those who show this bearer token (RFC 7591 section 1.2).
	 */
	public RegistrationSettings initialAccessToken(@Nullable String token) {
		this.initialAccessToken = token;
		return this;
	}

	/**
	 * Ids for the next clients, one each, instead of generated ones.
	 */
	public RegistrationSettings nextClientIds(String... clientIds) {
		this.clientIds.addAll(List.of(clientIds));
		return this;
	}

	/**
	 * Register this method whatever the client asks for (RFC 7591 section 2: "the server
	 * MAY replace"); null for the client's.
	 */
	public RegistrationSettings authenticationMethod(@Nullable String method) {
		this.authenticationMethod = method;
		return this;
	}

	/**
	 * Whether clients that authenticate by {@code none} get a secret too. It is refused
	 * when it is used.
	 */
	public RegistrationSettings alwaysIssueSecret(boolean issued) {
		this.secretAlwaysIssued = issued;
		return this;
	}

	/**
	 * Let secrets expire, by the server's clock; null (the default) for never.
	 */
	public RegistrationSettings secretLifetime(@Nullable Duration lifetime) {
		this.secretLifetime = lifetime;
		return this;
	}

	/**
	 * Let clients read, change and delete their registration (RFC 7592).
	 */
	public RegistrationSettings manage(boolean managed) {
		this.managed = managed;
		return this;
	}

	/**
	 * Issue another registration access token with each answer, as Keycloak does; the one
	 * before is spent.
	 */
	public RegistrationSettings rotateAccessTokens(boolean rotated) {
		this.accessTokenRotated = rotated;
		return this;
	}

	/**
	 * Ignore the port of loopback redirect URIs, as RFC 8252 section 7.3 demands. Many
	 * servers do not, and neither does this one unless told so.
	 */
	public RegistrationSettings anyLoopbackPort(boolean any) {
		this.anyLoopbackPort = any;
		return this;
	}

	/**
	 * Members of the answer to add, change or leave out. That changes only what the
	 * client is told, not what the server does.
	 */
	public JsonMembers answer() {
		return this.answer;
	}

	boolean isOpen() {
		return this.open;
	}

	boolean isMetadataDocumentAccepted() {
		return this.metadataDocumentsAccepted;
	}

	@Nullable String initialAccessToken() {
		return this.initialAccessToken;
	}

	@Nullable String nextClientId() {
		return this.clientIds.poll();
	}

	@Nullable String authenticationMethod() {
		return this.authenticationMethod;
	}

	boolean isSecretAlwaysIssued() {
		return this.secretAlwaysIssued;
	}

	@Nullable Duration secretLifetime() {
		return this.secretLifetime;
	}

	boolean isManaged() {
		return this.managed;
	}

	boolean isAccessTokenRotated() {
		return this.accessTokenRotated;
	}

	boolean isAnyLoopbackPort() {
		return this.anyLoopbackPort;
	}

}
