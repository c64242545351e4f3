package io.github.oauth2pkce.bearer.grpc;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.Executor;

import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.bearer.BearerExchange;
import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerToken;

/** The bearer of a provider. */
final class ProviderCredentials extends CallCredentials {

	private static final Metadata.Key<String> AUTHORIZATION = Metadata.Key.of("authorization",
			Metadata.ASCII_STRING_MARSHALLER);

	private final BearerExchanges exchanges;

	private final String providerId;

	private final Map<String, Object> user;

	ProviderCredentials(BearerExchanges exchanges, String providerId, Map<String, Object> user) {
		this.exchanges = exchanges;
		this.providerId = providerId;
		this.user = user;
	}

	@Override
	public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
		try {
			bearer(call).subscribe((token) -> applier.apply(metadata(token)), (ex) -> applier.fail(status(ex)));
		}
		catch (RuntimeException ex) {
			applier.fail(status(ex));
		}
	}

	private Mono<BearerToken> bearer(RequestInfo call) {
		boolean secure = call.getSecurityLevel() == SecurityLevel.PRIVACY_AND_INTEGRITY;
		URI uri = URI.create((secure ? "https" : "http") + "://" + call.getAuthority() + "/"
				+ call.getMethodDescriptor().getFullMethodName());
		BearerExchange exchange = this.exchanges.begin(this.providerId, uri, false, this.user);
		if (exchange == null) {
			throw new IllegalArgumentException("No OAuth 2.0 provider has the id '" + this.providerId + "'");
		}
		// An authority is a name that a channel may give itself.
		return (secure || isThisMachine(call)) ? exchange.bearerWithoutProof() : exchange.bearerOverInsecureTransport();
	}

	private static boolean isThisMachine(RequestInfo call) {
		SocketAddress address = call.getTransportAttrs().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
		return address instanceof InetSocketAddress remote && !remote.isUnresolved()
				&& remote.getAddress().isLoopbackAddress();
	}

	private static Metadata metadata(BearerToken token) {
		Metadata metadata = new Metadata();
		if (token instanceof BearerToken.Available available) {
			metadata.put(AUTHORIZATION, available.headerValue());
		}
		return metadata;
	}

	private static Status status(Throwable failure) {
		Status status = (failure instanceof AuthenticationRequiredException) ? Status.UNAUTHENTICATED : Status.INTERNAL;
		return status.withDescription(failure.getMessage()).withCause(failure);
	}

}
