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
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.bearer.BearerExchange;
import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerToken;

import org.springframework.http.HttpHeaders;

/** The bearer of a provider. */
final class ProviderCredentials extends CallCredentials {

	private static final Metadata.Key<String> AUTHORIZATION = Metadata.Key.of("authorization",
			Metadata.ASCII_STRING_MARSHALLER);

	/** What a status says in gRPC (RFC 6750 section 3.1). */
	private static final String INVALID_TOKEN = "Bearer error=\"invalid_token\"";

	private final BearerExchanges exchanges;

	private final String providerId;

	private final Map<String, Object> user;

	/** The last call, where each has credentials of its own. */
	private volatile @Nullable BearerExchange last;

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
		this.last = exchange;
		// An authority is a name that a channel may give itself.
		return (secure || isThisMachine(call)) ? exchange.bearerWithoutProof() : exchange.bearerOverInsecureTransport();
	}

	/**
	 * The last call was refused: its bearer is as good as one that an API answers by 401.
	 * @return ends when there is another one, or will be none
	 */
	Mono<?> rejected() {
		BearerExchange exchange = this.last;
		if (exchange == null) {
			return Mono.empty();
		}
		HttpHeaders answer = new HttpHeaders();
		answer.set(HttpHeaders.WWW_AUTHENTICATE, INVALID_TOKEN);
		return exchange.replacement(null, 401, answer, () -> false);
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
