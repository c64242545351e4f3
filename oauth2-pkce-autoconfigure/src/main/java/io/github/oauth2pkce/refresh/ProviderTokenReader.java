package io.github.oauth2pkce.refresh;

import java.util.function.Supplier;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.source.ForeignTokenReader;
import io.github.oauth2pkce.source.SubjectTokenSource.Context;

/** A token of another provider of this application, refreshed if need be. */
public final class ProviderTokenReader implements ForeignTokenReader {

	private final Supplier<Credentials> credentials;

	/**
	 * Creates the reader.
	 * @param credentials gives the credentials, which themselves may need foreign tokens
	 */
	public ProviderTokenReader(Supplier<Credentials> credentials) {
		this.credentials = credentials;
	}

	@Override
	public Source source() {
		return Source.PROVIDER;
	}

	@Override
	public String read(ForeignToken token, Context context) {
		return this.credentials.get().present(token, context.principalName());
	}

}
