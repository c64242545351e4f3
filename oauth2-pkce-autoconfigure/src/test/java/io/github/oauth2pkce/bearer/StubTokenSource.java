package io.github.oauth2pkce.bearer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.AuthorizationState;

/** A source that says what a test wants, and remembers what it was asked. */
public final class StubTokenSource implements BearerTokenSource {

	public volatile BearerToken.@Nullable Available atHand;

	public volatile @Nullable BearerToken current;

	public volatile Mono<BearerToken> afterRejection = Mono.error(new AssertionError("Not expected to be asked"));

	/** What has to happen before there is an answer. */
	public volatile Mono<?> before = Mono.empty();

	public volatile Mono<Void> noting = Mono.empty();

	public final List<String> rejected = new CopyOnWriteArrayList<>();

	public final List<String> taken = new CopyOnWriteArrayList<>();

	public final List<String> asked = new CopyOnWriteArrayList<>();

	public static StubTokenSource withToken(String token) {
		StubTokenSource source = new StubTokenSource();
		source.atHand = BearerToken.Available.of(token);
		return source;
	}

	public static StubTokenSource without(SkipReason reason, AuthorizationState state) {
		StubTokenSource source = new StubTokenSource();
		source.current = new BearerToken.Skipped(reason, state);
		return source;
	}

	public static StubTokenSource givingNothing() {
		return new StubTokenSource();
	}

	public StubTokenSource refreshingTo(String token) {
		this.afterRejection = Mono.just(BearerToken.Available.of(token));
		return this;
	}

	List<String> everythingAsked() {
		List<String> all = new ArrayList<>(this.asked);
		all.addAll(this.rejected);
		return all;
	}

	@Override
	public BearerToken.@Nullable Available atHand(String providerId) {
		return this.atHand;
	}

	@Override
	public Mono<BearerToken> current(String providerId) {
		return this.before.then(Mono.fromSupplier(() -> {
			this.asked.add(providerId);
			BearerToken current = this.current;
			return (current != null) ? current : this.atHand;
		}));
	}

	@Override
	public Mono<BearerToken> afterRejection(String providerId, BearerToken.Available rejected) {
		this.rejected.add(rejected.accessToken());
		return this.afterRejection;
	}

	@Override
	public Mono<Void> taken(String providerId) {
		return Mono.<Void>fromRunnable(() -> this.taken.add(providerId)).then(this.noting);
	}

}
