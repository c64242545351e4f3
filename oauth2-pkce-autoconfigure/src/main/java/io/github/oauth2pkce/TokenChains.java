package io.github.oauth2pkce;

import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

import io.github.oauth2pkce.ForeignToken.Source;

/**
 * Which providers make their tokens from those of others. Immutable.
 *
 * @param providers the providers, without a cycle
 */
public record TokenChains(Providers providers) {

	/**
	 * The providers whose tokens a provider shows to its server.
	 * @param id the provider
	 * @return their ids
	 */
	public List<String> sources(String id) {
		return sources(this.providers.get(id));
	}

	/**
	 * The same, where not all of them may exist.
	 * @param provider the provider
	 * @return their ids
	 */
	public static List<String> sources(Provider provider) {
		return provider.exchange()
			.tokens()
			.stream()
			.filter((token) -> token.source() == Source.PROVIDER)
			.map(ForeignToken::value)
			.toList();
	}

	/**
	 * The providers whose tokens are made from those of a provider.
	 * @param id the provider
	 * @return their ids
	 */
	public List<String> derived(String id) {
		return StreamSupport.stream(this.providers.spliterator(), false)
			.filter((provider) -> sources(provider).contains(id))
			.map(Provider::id)
			.toList();
	}

	/**
	 * The provider whose tokens say who a machine is, so that what it obtains ends with
	 * them. The logins of people do not: such a token is none of their making.
	 * @param id the provider
	 * @return its id, if there is one
	 */
	public Optional<String> clientSource(String id) {
		Provider provider = this.providers.get(id);
		ForeignToken assertion = provider.client().assertion().source();
		return (assertion != null && assertion.source() == Source.PROVIDER && !provider.grant().needsPerson())
				? Optional.of(assertion.value()) : Optional.empty();
	}

	/**
	 * The providers whose tokens end with the login of a provider.
	 * @param id the provider
	 * @return their ids
	 */
	public List<String> dependents(String id) {
		return StreamSupport.stream(this.providers.spliterator(), false)
			.map(Provider::id)
			.filter((other) -> sources(other).contains(id) || clientSource(other).filter(id::equals).isPresent())
			.toList();
	}

	/**
	 * Whether tokens are made from the one with which the signed-in user has called this
	 * application, so that each of those has tokens of its own.
	 * @param id the provider
	 * @return {@code false} for all others
	 */
	public boolean isOnBehalf(String id) {
		return this.providers.get(id)
			.exchange()
			.tokens()
			.stream()
			.anyMatch((token) -> token.source() == Source.CURRENT_USER)
				|| sources(id).stream().anyMatch(this::isOnBehalf);
	}

	/**
	 * Whether tokens are kept with the logins that they are made from: by every process
	 * and node that has those logins. Others are obtained anew at any time.
	 * @param id the provider
	 * @return {@code true} for logins of people, and what is made from nothing else
	 */
	public boolean isKept(String id) {
		Provider provider = this.providers.get(id);
		List<ForeignToken> tokens = provider.exchange().tokens();
		return provider.grant().needsPerson() || (!tokens.isEmpty() && sources(id).size() == tokens.size()
				&& sources(id).stream().allMatch(this::isKept));
	}

}
