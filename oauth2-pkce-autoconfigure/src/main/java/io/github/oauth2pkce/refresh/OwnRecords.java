package io.github.oauth2pkce.refresh;

import java.util.function.Predicate;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.store.Credential;

/**
 * Tells records of this application's providers from those of others that use the same
 * ids: by issuer, token endpoint, client and resource, as when it decides whether to use
 * one. Immutable.
 *
 * @param providers the providers of this application
 */
public record OwnRecords(Providers providers) implements Predicate<Credential> {

	@Override
	public boolean test(Credential record) {
		Provider provider = this.providers.find(record.id().providerId());
		return provider != null && new CredentialRules(provider).belongs(record);
	}

}
