package io.github.oauth2pkce.discovery;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.github.oauth2pkce.Provider;

/**
 * What resources say that have named their authorization servers, kept for each provider
 * until a resource refuses a request: it may have moved. Blocking and thread-safe.
 */
final class ProtectedResources {

	private static final int MOST_REREADS = 5;

	private static final Duration REREADS_PER = Duration.ofMinutes(1);

	private final ResourceDiscovery discovery;

	private final ResourceDemands demands;

	private final InstantSource clock;

	private final Supplier<CachedDocument<ProtectedResource>> documents;

	private final Map<String, CachedDocument<ProtectedResource>> kept = new ConcurrentHashMap<>();

	private final Map<String, Rereads> rereads = new ConcurrentHashMap<>();

	ProtectedResources(ResourceDiscovery discovery, ResourceDemands demands, InstantSource clock,
			Supplier<CachedDocument<ProtectedResource>> documents) {
		this.discovery = discovery;
		this.demands = demands;
		this.clock = clock;
		this.documents = documents;
	}

	/**
	 * Gives what a resource says.
	 * @throws DiscoveryException when it cannot be read, or may not be used
	 */
	ProtectedResource get(Provider provider, URI resourceUri) {
		return this.kept.computeIfAbsent(provider.id(), (id) -> this.documents.get())
			.get(() -> this.discovery.read(provider, resourceUri, this.demands.of(provider.id()).resourceMetadata()));
	}

	/** Has it read again when it is next needed. */
	void refused(String providerId) {
		Instant now = this.clock.instant();
		Rereads rereads = this.rereads.merge(providerId, new Rereads(now, 1),
				(known, first) -> now.isBefore(known.since().plus(REREADS_PER)) ? known.next() : first);
		// A resource that refuses every request must not have every request read it.
		if (rereads.count() <= MOST_REREADS) {
			CachedDocument<ProtectedResource> document = this.kept.get(providerId);
			if (document != null) {
				document.expire();
			}
		}
	}

	/**
	 * How often a document was read again lately.
	 *
	 * @param since the first time
	 */
	private record Rereads(Instant since, int count) {

		Rereads next() {
			return new Rereads(this.since, this.count + 1);
		}

	}

}
