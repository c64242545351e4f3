package io.github.oauth2pkce.observability;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Listeners;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.bearer.RecoveryOutcome;
import io.github.oauth2pkce.device.PollResult;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.LoginListener;
import io.github.oauth2pkce.login.LoginOutcome;
import io.github.oauth2pkce.refresh.CredentialStatus;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;

/**
 * Counts what happens. All meters exist from the start, so that a dashboard shows 0
 * rather than nothing; tags are ids and closed sets. Thread-safe; before it is bound,
 * nothing is counted, and bound to several registries it counts in all of them.
 */
public final class PkceMeters
		implements MeterBinder, BearerListener, RefreshListener, LoginListener, Listeners.Counter {

	private static final List<String> STORE_OPERATIONS = List.of("load", "save", "remove", "lock");

	private final Providers providers;

	private final Supplier<Credentials> credentials;

	private final InstantSource clock;

	/** Boot binds each registry once; an application may bind one of them again. */
	private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

	/** One counter in each registry: kept, because every request with a bearer counts. */
	private final Map<String, List<Counter>> propagated = new ConcurrentHashMap<>();

	/**
	 * Creates the meters.
	 * @param providers what they are tagged with
	 * @param credentials read by the gauges; a supplier, because credentials tell these
	 * meters what happens
	 * @param clock the wall clock
	 */
	public PkceMeters(Providers providers, Supplier<Credentials> credentials, InstantSource clock) {
		this.providers = providers;
		this.credentials = credentials;
		this.clock = clock;
	}

	/** Binds one more registry: from then on all of them count. */
	@Override
	public synchronized void bindTo(MeterRegistry registry) {
		if (this.registries.contains(registry)) {
			return;
		}
		this.registries.add(registry);
		for (Provider provider : this.providers) {
			String id = provider.id();
			this.propagated.computeIfAbsent(id, (key) -> new CopyOnWriteArrayList<>())
				.add(counter(registry, PkceMeter.BEARER_PROPAGATED, id));
			for (SkipReason reason : SkipReason.values()) {
				counter(registry, PkceMeter.BEARER_SKIPPED, id, reason.tag());
			}
			for (PollResult result : PollResult.values()) {
				counter(registry, PkceMeter.DEVICE_POLL, id, result.tag());
			}
			for (RecoveryOutcome recovery : RecoveryOutcome.values()) {
				counter(registry, PkceMeter.UNAUTHORIZED, id, recovery.tag());
			}
			for (LoginOutcome outcome : LoginOutcome.values()) {
				timer(registry, PkceMeter.LOGIN, id, provider.grant().tag(), outcome.tag());
				if (provider.grantOpen()) {
					timer(registry, PkceMeter.LOGIN, id, Grant.DEVICE_CODE.tag(), outcome.tag());
				}
			}
			for (RefreshTrigger trigger : RefreshTrigger.values()) {
				for (RefreshOutcome outcome : RefreshOutcome.values()) {
					timer(registry, PkceMeter.TOKEN_REFRESH, id, trigger.tag(), outcome.tag());
				}
			}
			if (provider.principal() == PrincipalKind.APPLICATION) {
				gauge(registry, PkceMeter.TOKEN_EXPIRES_IN, () -> expiresIn(id), id);
			}
			for (AuthorizationState state : AuthorizationState.values()) {
				gauge(registry, PkceMeter.STATE, () -> (status(id).state() == state) ? 1 : 0, id, state.name());
			}
		}
		STORE_OPERATIONS.forEach((operation) -> counter(registry, PkceMeter.STORE_ERRORS, operation));
	}

	/** Registers a counter, or finds it. */
	private static Counter counter(MeterRegistry registry, PkceMeter meter, String... values) {
		return Counter.builder(meter.meterName())
			.description(meter.description())
			.tags(tags(meter, values))
			.register(registry);
	}

	private static Timer timer(MeterRegistry registry, PkceMeter meter, String... values) {
		return Timer.builder(meter.meterName())
			.description(meter.description())
			.tags(tags(meter, values))
			.register(registry);
	}

	private void gauge(MeterRegistry registry, PkceMeter meter, Supplier<Number> value, String... values) {
		Gauge.builder(meter.meterName(), value)
			.description(meter.description())
			.tags(tags(meter, values))
			.baseUnit((meter == PkceMeter.TOKEN_EXPIRES_IN) ? "seconds" : null)
			.strongReference(true)
			.register(registry);
	}

	private static Tags tags(PkceMeter meter, String... values) {
		Tags tags = Tags.empty();
		for (int i = 0; i < values.length; i++) {
			tags = tags.and(meter.tags().get(i), values[i]);
		}
		return tags;
	}

	private CredentialStatus status(String providerId) {
		return this.credentials.get().status(CredentialId.ofApplication(providerId));
	}

	private double expiresIn(String providerId) {
		Instant expiresAt = status(providerId).expiresAt();
		return (expiresAt != null) ? Duration.between(this.clock.instant(), expiresAt).toMillis() / 1000.0 : Double.NaN;
	}

	private void count(PkceMeter meter, String... values) {
		this.registries.forEach((registry) -> counter(registry, meter, values).increment());
	}

	private void time(Duration duration, PkceMeter meter, String... values) {
		this.registries.forEach((registry) -> timer(registry, meter, values).record(duration));
	}

	@Override
	public void propagated(String providerId) {
		this.propagated.getOrDefault(providerId, List.of()).forEach(Counter::increment);
	}

	@Override
	public void skipped(String providerId, SkipReason reason) {
		count(PkceMeter.BEARER_SKIPPED, providerId, reason.tag());
	}

	@Override
	public void unauthorized(String providerId, RecoveryOutcome recovery) {
		count(PkceMeter.UNAUTHORIZED, providerId, recovery.tag());
	}

	@Override
	public void refreshed(Refresh refresh) {
		time(refresh.duration(), PkceMeter.TOKEN_REFRESH, refresh.id().providerId(), refresh.trigger().tag(),
				refresh.outcome().tag());
	}

	@Override
	public void storeFailed(CredentialId id, String operation, Exception failure) {
		count(PkceMeter.STORE_ERRORS, operation);
	}

	@Override
	public void polled(Login login, PollResult result) {
		count(PkceMeter.DEVICE_POLL, login.id().providerId(), result.tag());
	}

	@Override
	public void ended(Ended ended) {
		time(ended.duration(), PkceMeter.LOGIN, ended.login().id().providerId(), ended.grant().tag(),
				ended.outcome().tag());
	}

}
