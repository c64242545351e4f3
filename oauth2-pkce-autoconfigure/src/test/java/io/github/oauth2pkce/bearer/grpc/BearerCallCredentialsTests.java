package io.github.oauth2pkce.bearer.grpc;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;

import io.grpc.Attributes;
import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.DpopKey;
import io.github.oauth2pkce.bearer.AuthenticationRequiredException;
import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.RecordingListener;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.bearer.StubTokenSource;
import io.github.oauth2pkce.bearer.TestPolicies;
import io.github.oauth2pkce.target.BearerPolicies;
import io.github.oauth2pkce.token.DpopBinding;
import io.github.oauth2pkce.token.DpopProofs;

import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;

import static org.assertj.core.api.Assertions.assertThat;

class BearerCallCredentialsTests {

	private static final Metadata.Key<String> AUTHORIZATION = Metadata.Key.of("authorization",
			Metadata.ASCII_STRING_MARSHALLER);

	private static final SecurityLevel TLS = SecurityLevel.PRIVACY_AND_INTEGRITY;

	private final RecordingListener listener = new RecordingListener();

	private StubTokenSource source = StubTokenSource.withToken("one");

	private BearerPolicies policies = TestPolicies.forBaseUrls("https://api.example.com/orders.Orders");

	@AfterEach
	void forgetUser() {
		SecurityContextHolder.clearContext();
	}

	private CallCredentials credentials() {
		return new BearerCallCredentials(new BearerExchanges(this.policies, this.source, this.listener))
			.of(TestPolicies.PROVIDER);
	}

	private Answer call(String authority, SecurityLevel level, String remote) {
		return call(credentials(), authority, level, remote);
	}

	private static Answer call(CallCredentials credentials, String authority, SecurityLevel level, String remote) {
		Answer answer = new Answer();
		credentials.applyRequestMetadata(new CallInfo(authority, level, remote), Runnable::run, answer);
		return answer;
	}

	@Test
	void callsHaveTheBearer() {
		assertThat(call("api.example.com", TLS, "192.0.2.1").authorization()).containsExactly("Bearer one");
		assertThat(call("api.example.com:443", TLS, "192.0.2.1").authorization()).containsExactly("Bearer one");
		assertThat(this.listener.events).containsExactly("propagated github", "propagated github");
	}

	@Test
	void callsToOtherServersHaveNone() {
		assertThat(call("elsewhere.example.com", TLS, "192.0.2.1").authorization()).isEmpty();
		assertThat(this.listener.events).containsExactly("skipped github origin_not_allowed");
	}

	@Test
	void providerWithoutBaseUrlsIsNamedByItsCredentials() {
		this.policies = TestPolicies.forBaseUrls();
		assertThat(call("elsewhere.example.com", TLS, "192.0.2.1").authorization()).containsExactly("Bearer one");
	}

	@Test
	void callWithoutABearerIsMadeAndCounted() {
		this.source = StubTokenSource.without(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		assertThat(call("api.example.com", TLS, "192.0.2.1").authorization()).isEmpty();
		assertThat(this.listener.events).containsExactly("skipped github no_token");
	}

	@Test
	void callEndsIfAMissingBearerIsAFailure() {
		this.policies = TestPolicies.failing("https://api.example.com");
		this.source = StubTokenSource.without(SkipReason.NO_TOKEN, AuthorizationState.LOGIN_REQUIRED);
		Status status = call("api.example.com", TLS, "192.0.2.1").failure();
		assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
		assertThat(status.getDescription()).contains("github", "no_token");
		assertThat(AuthenticationRequiredException.isAuthenticationRequired(status.asRuntimeException())).isTrue();
	}

	@Test
	void cleartextToAnotherMachineHasNoBearer() {
		this.policies = TestPolicies.forBaseUrls();
		assertThat(call("api.example.com", SecurityLevel.NONE, "192.0.2.1").authorization()).isEmpty();
		assertThat(call("api.example.com", SecurityLevel.INTEGRITY, "192.0.2.1").authorization()).isEmpty();
		assertThat(this.listener.events).containsExactly("skipped github insecure_transport",
				"skipped github insecure_transport");
	}

	/** An authority is what a channel calls itself. */
	@Test
	void cleartextToAnotherMachineThatIsCalledLocalhostHasNoBearer() {
		this.policies = TestPolicies.forBaseUrls();
		assertThat(call("localhost:9090", SecurityLevel.NONE, "192.0.2.1").authorization()).isEmpty();
		assertThat(this.listener.events).containsExactly("skipped github insecure_transport");
	}

	@Test
	void cleartextWithinTheMachineHasTheBearer() {
		this.policies = TestPolicies.forBaseUrls("http://localhost:9090");
		assertThat(call("localhost:9090", SecurityLevel.NONE, "127.0.0.1").authorization())
			.containsExactly("Bearer one");
	}

	@Test
	void boundTokenIsNotSentWithoutAProof() {
		this.source.atHand = BearerToken.Available
			.of(new DpopBinding(new DpopProofs(Clock.systemUTC()), DpopKey.generate(), "bound"));
		assertThat(call("api.example.com", TLS, "192.0.2.1").authorization()).isEmpty();
		assertThat(this.listener.events).containsExactly("skipped github insecure_transport");
	}

	@Test
	void neverWaitsOnTheThreadOfACall() {
		CompletableFuture<Boolean> refreshed = new CompletableFuture<>();
		this.source.atHand = null;
		this.source.current = BearerToken.Available.of("two");
		this.source.before = Mono.fromFuture(refreshed);
		Answer answer = call("api.example.com", TLS, "192.0.2.1");
		assertThat(answer.metadata).isNotDone();
		refreshed.complete(true);
		assertThat(answer.authorization()).containsExactly("Bearer two");
	}

	@Test
	void userIsTheOneWhoGotTheCredentials() {
		this.source.atHand = null;
		this.source.before = ReactiveSecurityContextHolder.getContext()
			.map(SecurityContext::getAuthentication)
			.doOnNext((user) -> this.source.current = BearerToken.Available.of("of-" + user.getName()));
		SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("alice", "", "ROLE_USER"));
		CallCredentials credentials = credentials();
		SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("bob", "", "ROLE_USER"));
		assertThat(call(credentials, "api.example.com", TLS, "192.0.2.1").authorization())
			.containsExactly("Bearer of-alice");
	}

	@Test
	void failingSourceFailsTheCall() {
		this.source.atHand = null;
		this.source.before = Mono.error(new IllegalStateException("theirs"));
		assertThat(call("api.example.com", TLS, "192.0.2.1").failure().getCode()).isEqualTo(Status.Code.INTERNAL);
	}

	@Test
	void authorityThatIsNoneFailsTheCall() {
		assertThat(call("not a host", TLS, "192.0.2.1").failure().getCode()).isEqualTo(Status.Code.INTERNAL);
	}

	private static final class CallInfo extends CallCredentials.RequestInfo {

		private static final MethodDescriptor.Marshaller<String> NO_MESSAGES = new MethodDescriptor.Marshaller<>() {

			@Override
			public InputStream stream(String value) {
				throw new UnsupportedOperationException();
			}

			@Override
			public String parse(InputStream stream) {
				throw new UnsupportedOperationException();
			}

		};

		private final String authority;

		private final SecurityLevel level;

		private final String remote;

		CallInfo(String authority, SecurityLevel level, String remote) {
			this.authority = authority;
			this.level = level;
			this.remote = remote;
		}

		@Override
		public MethodDescriptor<?, ?> getMethodDescriptor() {
			return MethodDescriptor.newBuilder(NO_MESSAGES, NO_MESSAGES)
				.setType(MethodDescriptor.MethodType.UNARY)
				.setFullMethodName("orders.Orders/Get")
				.build();
		}

		@Override
		public SecurityLevel getSecurityLevel() {
			return this.level;
		}

		@Override
		public String getAuthority() {
			return this.authority;
		}

		@Override
		public Attributes getTransportAttrs() {
			return Attributes.newBuilder()
				.set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, new InetSocketAddress(address(this.remote), 9090))
				.build();
		}

		private static InetAddress address(String literal) {
			try {
				return InetAddress.getByName(literal);
			}
			catch (UnknownHostException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

	private static final class Answer extends CallCredentials.MetadataApplier {

		private final CompletableFuture<Metadata> metadata = new CompletableFuture<>();

		private @Nullable Status failure;

		@Override
		public void apply(Metadata headers) {
			this.metadata.complete(headers);
		}

		@Override
		public void fail(Status status) {
			this.failure = status;
		}

		List<String> authorization() {
			Iterable<String> values = this.metadata.getNow(new Metadata()).getAll(AUTHORIZATION);
			assertThat(this.metadata).isDone();
			return (values != null) ? StreamSupport.stream(values.spliterator(), false).toList() : List.of();
		}

		Status failure() {
			assertThat(this.failure).isNotNull();
			return this.failure;
		}

	}

}
