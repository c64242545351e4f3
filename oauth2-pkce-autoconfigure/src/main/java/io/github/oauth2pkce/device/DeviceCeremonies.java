package io.github.oauth2pkce.device;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import io.github.oauth2pkce.CodeVerifier;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;

import org.springframework.util.StringUtils;

/**
 * Keeps device authorizations in the store, encrypted beside the login that they will
 * become, until the code has ended: an application that is started again goes on with the
 * code that a person may be typing, and nodes show one. Whatever the store throws, nobody
 * is kept from logging in. Blocking; thread-safe.
 */
public final class DeviceCeremonies {

	private static final Logger logger = LoggerFactory.getLogger(DeviceCeremonies.class);

	private static final JsonMapper MAPPER = JsonMapper.shared();

	/** Another process may be asking for a code just now; it may hang, too. */
	private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

	/** Nobody can type a code in less, and act on the page. */
	private static final Duration WORTH_SHOWING = Duration.ofSeconds(10);

	/** Clocks of machines differ. */
	private static final Duration LONG_OVER = Duration.ofMinutes(1);

	private final TokenStore store;

	private final InstantSource clock;

	/**
	 * Creates the ceremonies.
	 * @param store where they are kept
	 * @param clock the wall clock, which machines share more or less
	 */
	public DeviceCeremonies(TokenStore store, InstantSource clock) {
		this.store = store;
		this.clock = clock;
	}

	/** What is asked for when nobody has a code yet. */
	interface Request {

		DeviceAuthorization send();

	}

	/**
	 * Joins the ceremony that is under way, or begins one; of several processes that do
	 * so at once, one begins it.
	 * @param provider as it would be asked
	 * @param now monotonic time
	 * @param loggedInAt when the login was made that is there now
	 * @param request asks the server
	 */
	DeviceCeremony joinOrBegin(CredentialId id, Provider provider, URI tokenEndpoint, long now,
			@Nullable Instant loggedInAt, Request request) throws InterruptedException {
		try (TokenStore.Lock lock = lock(id)) {
			Credential stored = read(id);
			DeviceCeremony joined = join(stored, id, provider, tokenEndpoint, now, loggedInAt);
			return (joined != null) ? joined
					: begin(stored, id, provider, tokenEndpoint, now, loggedInAt, request.send());
		}
	}

	/**
	 * Joins the ceremony that is under way.
	 * @return {@code null} when there is none that asks for as much
	 */
	@Nullable DeviceCeremony join(CredentialId id, Provider provider, URI tokenEndpoint, long now, @Nullable Instant loggedInAt) {
		return join(read(id), id, provider, tokenEndpoint, now, loggedInAt);
	}

	private DeviceCeremony begin(@Nullable Credential stored, CredentialId id, Provider provider, URI tokenEndpoint,
			long now, @Nullable Instant loggedInAt, DeviceAuthorization authorization) {
		Instant issuedAt = this.clock.instant();
		long expected = (stored != null) ? stored.generation() : Credential.NONE;
		Origin origin = new Origin(provider.issuerUri(), tokenEndpoint.toString(), provider.client().id(),
				Objects.toString(provider.resourceUri(), null), null, null, provider.tokens().key());
		Credential record = new Credential(id.ofDeviceLogin(), origin, "", null, provider.request().scopes(), issuedAt,
				issuedAt.plus(authorization.userCode().expiresIn()), null, null, null, loggedInAt,
				encode(provider, authorization), Math.max(expected + 1, issuedAt.toEpochMilli()));
		try {
			if (this.store.save(record, expected)) {
				return new DeviceCeremony(id, provider, tokenEndpoint, authorization, record.generation(), false);
			}
			// Without the lock, somebody else was first: their code is on display
			// already.
			DeviceCeremony other = join(id, provider, tokenEndpoint, now, loggedInAt);
			if (other != null) {
				return other;
			}
		}
		catch (RuntimeException ex) {
			logger.debug("The device login of {} ends with this process", id, ex);
		}
		return new DeviceCeremony(id, provider, tokenEndpoint, authorization, Credential.NONE, false);
	}

	/** One that asks for less than what is asked for now is of no use. */
	private @Nullable DeviceCeremony join(@Nullable Credential stored, CredentialId id, Provider provider,
			URI tokenEndpoint, long now, @Nullable Instant loggedInAt) {
		if (stored == null || !isOpen(stored, loggedInAt) || !stored.scopes().containsAll(provider.request().scopes())
				|| !isOf(stored.origin(), provider, tokenEndpoint)) {
			return null;
		}
		JsonNode content = parse(stored);
		if (!parameters(content).entrySet().containsAll(provider.request().additionalParameters().entrySet())) {
			return null;
		}
		DeviceAuthorization authorization = decode(content, stored, provider, now);
		if (authorization == null) {
			return null;
		}
		Provider asked = provider
			.withRequest(provider.request().asking(stored.scopes(), provider.request().additionalParameters()))
			.withKey(stored.origin().key());
		return new DeviceCeremony(id, asked, tokenEndpoint, authorization, stored.generation(), true);
	}

	private boolean isOpen(Credential stored, @Nullable Instant loggedInAt) {
		Instant end = stored.expiresAt();
		return end != null && this.clock.instant().plus(WORTH_SHOWING).isBefore(end)
		// Somebody has logged in since, by this code or without it.
				&& Objects.equals(stored.loggedInAt(), loggedInAt);
	}

	private static boolean isOf(Origin origin, Provider provider, URI tokenEndpoint) {
		return Objects.equals(origin.issuer(), provider.issuerUri())
				&& origin.tokenEndpoint().equals(tokenEndpoint.toString())
				&& origin.clientId().equals(provider.client().id())
				&& Objects.equals(origin.resource(), Objects.toString(provider.resourceUri(), null))
				&& (origin.key() != null) == provider.tokens().dpop();
	}

	/**
	 * Whether a code is on display; asks no server.
	 * @param loggedInAt when the login was made that is there now, {@code null} for none
	 * @return {@code false} also when the store cannot be read
	 */
	public boolean isUnderWay(CredentialId id, @Nullable Instant loggedInAt) {
		Credential stored = read(id);
		if (stored != null && isLeft(stored)) {
			remove(id, stored.generation());
		}
		return stored != null && isOpen(stored, loggedInAt);
	}

	/** A code that nobody has used, and whose process has died. */
	private boolean isLeft(Credential stored) {
		Instant end = stored.expiresAt();
		return end != null && end.plus(LONG_OVER).isBefore(this.clock.instant());
	}

	/** Whether it has not ended; a store that is down says nothing. */
	boolean isOpen(DeviceCeremony ceremony) {
		if (!ceremony.isKept()) {
			return true;
		}
		try {
			Credential stored = this.store.load(ceremony.id().ofDeviceLogin());
			return stored != null && stored.generation() == ceremony.generation();
		}
		catch (RuntimeException ex) {
			return true;
		}
	}

	/** It has ended: nobody polls for it any more. */
	void end(DeviceCeremony ceremony) {
		if (ceremony.isKept()) {
			remove(ceremony.id(), ceremony.generation());
		}
	}

	/** Nobody polls for it any more, whoever has begun it. */
	void abandon(CredentialId id) {
		Credential stored = read(id);
		if (stored != null) {
			remove(id, stored.generation());
		}
	}

	private void remove(CredentialId id, long generation) {
		try {
			this.store.remove(id.ofDeviceLogin(), generation);
		}
		catch (RuntimeException ex) {
			logger.debug("The device login of {} is over when its code is", id, ex);
		}
	}

	private TokenStore.@Nullable Lock lock(CredentialId id) throws InterruptedException {
		try {
			return this.store.lock(id.ofDeviceLogin(), LONGEST_WAIT);
		}
		catch (RuntimeException ex) {
			if (Thread.interrupted()) {
				throw new InterruptedException();
			}
			return null;
		}
	}

	private @Nullable Credential read(CredentialId id) {
		try {
			return this.store.load(id.ofDeviceLogin());
		}
		catch (RuntimeException ex) {
			logger.debug("Nobody knows whether a device login of {} is under way", id, ex);
			return null;
		}
	}

	private static String encode(Provider provider, DeviceAuthorization authorization) {
		UserCode code = authorization.userCode();
		ObjectNode json = MAPPER.createObjectNode();
		json.put("deviceCode", authorization.deviceCode());
		json.put("interval", authorization.interval().toMillis());
		CodeVerifier verifier = authorization.codeVerifier();
		json.put("codeVerifier", (verifier != null) ? verifier.value() : null);
		json.put("userCode", code.userCode());
		json.put("verificationUri", code.verificationUri().toString());
		json.put("verificationUriComplete", Objects.toString(code.verificationUriComplete(), null));
		ObjectNode parameters = json.putObject("parameters");
		provider.request().additionalParameters().forEach(parameters::put);
		return new String(MAPPER.writeValueAsBytes(json), StandardCharsets.UTF_8);
	}

	private static JsonNode parse(Credential stored) {
		try {
			return MAPPER.readTree(String.valueOf(stored.assertion()));
		}
		catch (JacksonException ex) {
			// Nor its message or cause: both may quote it.
			return MAPPER.missingNode();
		}
	}

	/** What its code was asked for with. */
	private static Map<String, String> parameters(JsonNode content) {
		Map<String, String> parameters = new HashMap<>();
		content.path("parameters").forEachEntry((name, value) -> parameters.put(name, value.asString()));
		return parameters;
	}

	private @Nullable DeviceAuthorization decode(JsonNode json, Credential stored, Provider provider, long now) {
		try {
			String complete = text(json, "verificationUriComplete");
			String verifier = text(json, "codeVerifier");
			UserCode code = new UserCode(provider.id(), json.path("userCode").asString(),
					URI.create(json.path("verificationUri").asString()),
					StringUtils.hasText(complete) ? URI.create(complete) : null,
					Duration.between(this.clock.instant(), Objects.requireNonNull(stored.expiresAt())));
			return new DeviceAuthorization(json.path("deviceCode").asString(), code,
					Duration.ofMillis(json.path("interval").asLong(5000)),
					StringUtils.hasText(verifier) ? new CodeVerifier(verifier) : null, now);
		}
		catch (IllegalArgumentException ex) {
			// Neither message nor cause: both may quote it.
			logger.debug("The device login of {} cannot be understood", stored.id());
			return null;
		}
	}

	private static @Nullable String text(JsonNode json, String name) {
		JsonNode node = json.get(name);
		return (node != null && node.isString()) ? node.asString() : null;
	}

}
