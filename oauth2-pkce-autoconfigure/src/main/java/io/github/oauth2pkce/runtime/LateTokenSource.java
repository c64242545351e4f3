package io.github.oauth2pkce.runtime;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;

import org.springframework.beans.factory.ObjectProvider;

/**
 * The source of bearers, looked for by the first request that should have one. Every HTTP
 * client of the application has the filter; stores, listeners and sources of its own are
 * written over such clients, and the source is made of them.
 */
public final class LateTokenSource implements BearerTokenSource {

	private final ObjectProvider<BearerTokenSource> provider;

	private volatile @Nullable BearerTokenSource source;

	public LateTokenSource(ObjectProvider<BearerTokenSource> provider) {
		this.provider = provider;
	}

	private BearerTokenSource source() {
		BearerTokenSource source = this.source;
		if (source == null) {
			source = this.provider.getObject();
			this.source = source;
		}
		return source;
	}

	@Override
	public Mono<BearerToken> current(String providerId) {
		return source().current(providerId);
	}

	@Override
	public Mono<BearerToken> current(String providerId, String principalName) {
		return source().current(providerId, principalName);
	}

	@Override
	public BearerToken.@Nullable Available atHand(String providerId) {
		return source().atHand(providerId);
	}

	@Override
	public Mono<BearerToken> afterRejection(String providerId, BearerToken.Available rejected) {
		return source().afterRejection(providerId, rejected);
	}

	@Override
	public Mono<Void> taken(String providerId) {
		return source().taken(providerId);
	}

}
