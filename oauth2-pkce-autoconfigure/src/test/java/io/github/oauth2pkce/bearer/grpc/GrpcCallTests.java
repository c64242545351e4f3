package io.github.oauth2pkce.bearer.grpc;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.github.oauth2pkce.bearer.BearerExchanges;
import io.github.oauth2pkce.bearer.RecordingListener;
import io.github.oauth2pkce.bearer.StubTokenSource;
import io.github.oauth2pkce.bearer.TestPolicies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** A call over a connection. */
@Timeout(30)
class GrpcCallTests {

	private static final Metadata.Key<String> AUTHORIZATION = Metadata.Key.of("authorization",
			Metadata.ASCII_STRING_MARSHALLER);

	private static final MethodDescriptor<String, String> METHOD = MethodDescriptor.newBuilder(new Text(), new Text())
		.setType(MethodDescriptor.MethodType.UNARY)
		.setFullMethodName("orders.Orders/Get")
		.build();

	private final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());

	private volatile Status status = Status.OK;

	private final RecordingListener listener = new RecordingListener();

	private final Server server;

	private final ManagedChannel channel;

	GrpcCallTests() throws IOException {
		ServerCallHandler<String, String> handler = (call, headers) -> {
			this.authorizations.add(String.valueOf(headers.get(AUTHORIZATION)));
			call.request(1);
			return new ServerCall.Listener<>() {

				@Override
				public void onMessage(String message) {
					call.sendHeaders(new Metadata());
					call.sendMessage("for " + message);
					call.close(GrpcCallTests.this.status, new Metadata());
				}

			};
		};
		this.server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
			.addService(ServerServiceDefinition.builder("orders.Orders").addMethod(METHOD, handler).build())
			.build()
			.start();
		this.channel = NettyChannelBuilder.forAddress("127.0.0.1", this.server.getPort()).usePlaintext().build();
	}

	@AfterEach
	void stop() {
		this.channel.shutdownNow();
		this.server.shutdownNow();
	}

	@Test
	void hasTheBearer() {
		BearerCallCredentials credentials = new BearerCallCredentials(
				new BearerExchanges(TestPolicies.forBaseUrls("http://127.0.0.1:" + this.server.getPort()),
						StubTokenSource.withToken("one"), this.listener));
		assertThat(ClientCalls.blockingUnaryCall(this.channel, METHOD,
				CallOptions.DEFAULT.withCallCredentials(credentials.of(TestPolicies.PROVIDER)), "me"))
			.isEqualTo("for me");
		assertThat(this.authorizations).containsExactly("Bearer one");
		assertThat(this.listener.events).containsExactly("propagated github");
	}

	@Test
	void tokenOfARefusedCallIsReplacedForTheNextOne() {
		this.status = Status.UNAUTHENTICATED;
		StubTokenSource source = StubTokenSource.withToken("one").refreshingTo("two");
		BearerCallCredentials credentials = new BearerCallCredentials(new BearerExchanges(
				TestPolicies.forBaseUrls("http://127.0.0.1:" + this.server.getPort()), source, this.listener));
		Channel channel = ClientInterceptors.intercept(this.channel, credentials.interceptor(TestPolicies.PROVIDER));
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> ClientCalls.blockingUnaryCall(channel, METHOD, CallOptions.DEFAULT, "me"))
			.extracting((ex) -> ex.getStatus().getCode())
			.isEqualTo(Status.Code.UNAUTHENTICATED);
		assertThat(this.authorizations).as("no call is made again").containsExactly("Bearer one");
		assertThat(source.rejected).as("before the caller knows").containsExactly("one");
	}

	private static final class Text implements MethodDescriptor.Marshaller<String> {

		@Override
		public InputStream stream(String value) {
			return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
		}

		@Override
		public String parse(InputStream stream) {
			try {
				return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
