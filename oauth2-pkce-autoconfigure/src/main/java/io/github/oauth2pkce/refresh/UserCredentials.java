package io.github.oauth2pkce.refresh;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import io.github.oauth2pkce.Recent;
import io.github.oauth2pkce.store.CredentialId;

/**
 * The credentials of users: far more than fit into memory may come and go. Thread-safe.
 */
final class UserCredentials {

	private static final int RECENT_USERS = 10_000;

	/**
	 * What is made on behalf of a bearer is soon of no use; who needs it makes it again.
	 */
	private static final Duration ON_BEHALF_KEPT = Duration.ofMinutes(15);

	/** Ten users a second: where there are many, each one's turn comes later. */
	private static final long MILLIS_PER_USER = 100;

	/** Twice what that is in the time between two looks: everybody has a turn. */
	private static final int MOST_LOOKS = 40;

	private final Function<CredentialId, RefreshableCredential> factory;

	/**
	 * Weak values: as long as a flight, a caller or {@link #recent} holds one, everybody
	 * gets that one, and there is never a second flight beside it.
	 */
	private final Cache<CredentialId, RefreshableCredential> all = Caffeine.newBuilder().weakValues().build();

	/** People's logins, which no number of bearers pushes out. */
	private final Cache<CredentialId, RefreshableCredential> recent = Caffeine.newBuilder()
		.maximumSize(RECENT_USERS)
		.build();

	/** What was made on behalf of bearers with which people have called. */
	private final Recent<CredentialId, RefreshableCredential> recentOnBehalf = new Recent<>(RECENT_USERS,
			ON_BEHALF_KEPT);

	UserCredentials(Function<CredentialId, RefreshableCredential> factory) {
		this.factory = factory;
	}

	RefreshableCredential of(CredentialId id) {
		RefreshableCredential credential = this.all.get(id, this.factory);
		if (id.isOnBehalf()) {
			this.recentOnBehalf.put(id, credential);
		}
		else {
			this.recent.put(id, credential);
		}
		return credential;
	}

	void lookWhenIdle(Predicate<String> kept) {
		long shortest = this.recent.estimatedSize() * MILLIS_PER_USER;
		int looks = 0;
		for (Map.Entry<CredentialId, RefreshableCredential> user : this.recent.asMap().entrySet()) {
			if (looks < MOST_LOOKS && kept.test(user.getKey().providerId()) && user.getValue().lookWhenIdle(shortest)) {
				looks++;
			}
		}
	}

	void saveUnsaved() {
		this.all.asMap().values().forEach((credential) -> credential.saveUnsaved());
	}

	Map<String, CredentialStatus> of(String providerId) {
		Map<String, CredentialStatus> users = new HashMap<>();
		BiConsumer<CredentialId, RefreshableCredential> add = (id, credential) -> {
			if (id.providerId().equals(providerId)) {
				users.put(CredentialId.person(id.principalName()), credential.status());
			}
		};
		this.recent.asMap().forEach(add);
		this.recentOnBehalf.forEach(add);
		return users;
	}

}
