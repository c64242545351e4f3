package io.github.oauth2pkce.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.bearer.BearerListener;
import io.github.oauth2pkce.bearer.BearerListeners;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.bearer.RecoveryOutcome;
import io.github.oauth2pkce.observability.PkceMeter;
import io.github.oauth2pkce.observability.PkceMeters;
import io.github.oauth2pkce.refresh.Credentials;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/** The meters by the letter of the public contract. */
@Timeout(60)
class PkceMetersTests {

	private static final Set<String> PROVIDERS = Set.of("acme", "users");

	private static final Set<String> REASONS = Set.of("user_set", "no_token", "reauthentication_required",
			"empty_token", "refresh_failed", "refresh_backoff", "store_error", "lock_timeout", "origin_not_allowed",
			"insecure_transport");

	private static final Set<String> STATES = Set.of("UNKNOWN", "LOGIN_REQUIRED", "REAUTHENTICATION_REQUIRED",
			"AUTHORIZED");

	private final ApplicationContextRunner context = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class, PkceMetricsAutoConfiguration.class,
				MetricsAutoConfiguration.class))
		.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
		.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.providers.acme.client-id=app",
				"oauth2.pkce.providers.acme.issuer-uri=https://login.example.com",
				"oauth2.pkce.providers.users.client-id=app",
				"oauth2.pkce.providers.users.issuer-uri=https://login.example.com",
				"oauth2.pkce.providers.users.principal=current-user");

	@Test
	void registersEveryMeterWithEveryValueOfItsClosedTags() {
		this.context.run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			assertTags(registry, "oauth2.pkce.bearer.propagated", Meter.Type.COUNTER, Map.of("provider", PROVIDERS));
			assertTags(registry, "oauth2.pkce.bearer.skipped", Meter.Type.COUNTER,
					Map.of("provider", PROVIDERS, "reason", REASONS));
			assertTags(registry, "oauth2.pkce.token.refresh", Meter.Type.TIMER,
					Map.of("provider", PROVIDERS, "trigger",
							Set.of("expiry", "ahead", "startup", "unauthorized", "manual"), "outcome",
							Set.of("refreshed", "adopted", "rejected", "transient", "timeout", "lock_timeout",
									"persist_failed", "suppressed", "refused")));
			assertTags(registry, "oauth2.pkce.token.expires.in", Meter.Type.GAUGE, Map.of("provider", Set.of("acme")));
			assertTags(registry, "oauth2.pkce.login", Meter.Type.TIMER, Map.of("provider", PROVIDERS, "grant",
					Set.of("device_code"), "outcome", Set.of("success", "denied", "expired", "failed", "cancelled")));
			assertTags(registry, "oauth2.pkce.device.poll", Meter.Type.COUNTER, Map.of("provider", PROVIDERS, "result",
					Set.of("pending", "slow_down", "success", "transient", "failed")));
			assertTags(registry, "oauth2.pkce.unauthorized", Meter.Type.COUNTER,
					Map.of("provider", PROVIDERS, "outcome",
							Set.of("replayed", "adopted", "not_replayable", "not_recoverable", "insufficient_scope")));
			assertTags(registry, "oauth2.pkce.state", Meter.Type.GAUGE, Map.of("provider", PROVIDERS, "state", STATES));
			assertTags(registry, "oauth2.pkce.store.errors", Meter.Type.COUNTER,
					Map.of("operation", Set.of("load", "save", "remove", "lock")));
			assertThat(registry.getMeters()).extracting((meter) -> meter.getId().getName())
				.filteredOn((name) -> name.startsWith("oauth2."))
				.containsOnly(List.of(PkceMeter.values()).stream().map(PkceMeter::meterName).toArray(String[]::new));
		});
	}

	private static void assertTags(MeterRegistry registry, String name, Meter.Type type,
			Map<String, Set<String>> tags) {
		var meters = registry.find(name).meters();
		int combinations = tags.values().stream().mapToInt(Set::size).reduce(1, (left, right) -> left * right);
		assertThat(meters).as(name).hasSize(combinations).allSatisfy((meter) -> {
			assertThat(meter.getId().getType()).isEqualTo(type);
			assertThat(meter.getId().getDescription()).isNotBlank();
			assertThat(meter.getId().getTags()).extracting(Tag::getKey)
				.containsExactlyInAnyOrderElementsOf(tags.keySet());
		});
		Function<String, Set<String>> values = (key) -> meters.stream()
			.map((meter) -> String.valueOf(meter.getId().getTag(key)))
			.collect(Collectors.toCollection(TreeSet::new));
		tags.forEach((key, expected) -> assertThat(values.apply(key)).as(name + " " + key).isEqualTo(expected));
	}

	@Test
	void countsWhatRequestsCarried() {
		this.context.run((context) -> {
			BearerListener listener = context.getBean(BearerListeners.class);
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			listener.propagated("acme");
			listener.unauthorized("acme", RecoveryOutcome.REPLAYED);
			for (SkipReason reason : SkipReason.values()) {
				listener.skipped("acme", reason);
				assertThat(registry.get("oauth2.pkce.bearer.skipped")
					.tags("provider", "acme", "reason", reason.tag())
					.counter()
					.count()).isEqualTo(1);
			}
			assertThat(registry.get("oauth2.pkce.bearer.propagated").tags("provider", "acme").counter().count())
				.isEqualTo(1);
			assertThat(registry.get("oauth2.pkce.unauthorized")
				.tags("provider", "acme", "outcome", "replayed")
				.counter()
				.count()).isEqualTo(1);
			assertThat(registry.get("oauth2.pkce.bearer.propagated").tags("provider", "users").counter().count())
				.isZero();
		});
	}

	@Test
	void countsInEveryRegistryThatBootDoesNotCombine() {
		this.context.withBean("own", MeterRegistry.class, SimpleMeterRegistry::new, (own) -> own.setPrimary(true))
			.withBean("third", MeterRegistry.class, SimpleMeterRegistry::new)
			.run((context) -> {
				Map<String, MeterRegistry> registries = context.getBeansOfType(MeterRegistry.class);
				assertThat(registries).hasSize(3);
				BearerListener listener = context.getBean(BearerListeners.class);
				listener.propagated("acme");
				listener.skipped("acme", SkipReason.NO_TOKEN);
				context.getBean(PkceMeters.class)
					.refreshed(new RefreshListener.Refresh(CredentialId.ofApplication("acme"), RefreshTrigger.EXPIRY,
							RefreshOutcome.REFRESHED, Duration.ofSeconds(2), null, 200));
				assertThat(registries.values()).allSatisfy((registry) -> {
					assertThat(registry.get("oauth2.pkce.bearer.propagated").tag("provider", "acme").counter().count())
						.isEqualTo(1);
					assertThat(registry.get("oauth2.pkce.bearer.skipped")
						.tags("provider", "acme", "reason", "no_token")
						.counter()
						.count()).isEqualTo(1);
					Timer timer = registry.get("oauth2.pkce.token.refresh")
						.tags("provider", "acme", "trigger", "expiry", "outcome", "refreshed")
						.timer();
					assertThat(timer.count()).isEqualTo(1);
					assertThat(timer.totalTime(TimeUnit.SECONDS)).isEqualTo(2);
				});
			});
	}

	@Test
	void countsOnceInARegistryThatIsBoundTwice() {
		this.context.run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			PkceMeters meters = context.getBean(PkceMeters.class);
			meters.bindTo(registry);
			meters.propagated("acme");
			assertThat(registry.get("oauth2.pkce.bearer.propagated").tag("provider", "acme").counter().count())
				.isEqualTo(1);
		});
	}

	@Test
	void showsTheStateAndNoExpiryOfALoginThatIsMissing() {
		this.context.run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			// The start reads the store in the background, and the state changes once.
			for (String provider : PROVIDERS) {
				context.getBean(Credentials.class).load(CredentialId.ofApplication(provider));
			}
			assertThat(registry.get("oauth2.pkce.token.expires.in").tags("provider", "acme").gauge().value()).isNaN();
			assertThat(registry.get("oauth2.pkce.token.expires.in").gauge().getId().getBaseUnit()).isEqualTo("seconds");
			for (String provider : PROVIDERS) {
				assertThat(STATES.stream()
					.mapToDouble((state) -> registry.get("oauth2.pkce.state")
						.tags("provider", provider, "state", state)
						.gauge()
						.value())
					.sum()).isEqualTo(1);
			}
		});
	}

	/** Micrometer alone, without Boot's module that hands binders their registries. */
	@Test
	void bindsItselfWhereBootDoesNot() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class, PkceMetricsAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader("org.springframework.boot.micrometer.metrics"))
			.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.providers.acme.client-id=app")
			.withBean("one", MeterRegistry.class, SimpleMeterRegistry::new)
			.withBean("two", MeterRegistry.class, SimpleMeterRegistry::new)
			.run((context) -> {
				context.getBean(BearerListeners.class).propagated("acme");
				assertThat(context.getBeansOfType(MeterRegistry.class).values()).hasSize(2)
					.allSatisfy((registry) -> assertThat(
							registry.get("oauth2.pkce.bearer.propagated").tag("provider", "acme").counter().count())
						.isEqualTo(1));
			});
	}

	@Test
	void leavesBindingToBoot() {
		this.context.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("oauth2PkceMetersBinding"));
	}

	/** As Boot does: what a composite counts, its parts count. */
	@Test
	void bindsACompositeInsteadOfItsParts() {
		SimpleMeterRegistry part = new SimpleMeterRegistry();
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class, PkceMetricsAutoConfiguration.class))
			.withPropertyValues("oauth2.pkce.store.type=memory", "oauth2.pkce.providers.acme.client-id=app")
			.withBean("part", MeterRegistry.class, () -> part)
			.withBean("all", MeterRegistry.class, () -> new CompositeMeterRegistry(Clock.SYSTEM, List.of(part)))
			.run((context) -> {
				context.getBean(BearerListeners.class).propagated("acme");
				assertThat(part.get("oauth2.pkce.bearer.propagated").tag("provider", "acme").counter().count())
					.isEqualTo(1);
			});
	}

	@Test
	void countsNothingWithoutARegistry() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class, PkceMetricsAutoConfiguration.class))
			.withPropertyValues("oauth2.pkce.store.type=memory")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("oauth2PkceMeters"));
	}

}
