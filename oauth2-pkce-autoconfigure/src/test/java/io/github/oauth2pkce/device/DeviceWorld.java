package io.github.oauth2pkce.device;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import io.github.oauth2pkce.Provider;
import io.github.oauth2pkce.ProviderBuilder;
import io.github.oauth2pkce.Provider.Endpoints;
import io.github.oauth2pkce.testing.TestClients;
import io.github.oauth2pkce.token.IssuedTokens;
import io.github.oauth2pkce.discovery.Discovery;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;
import io.github.oauth2pkce.testing.MovableClock;
import io.github.oauth2pkce.testing.RecordedRequest;
import io.github.oauth2pkce.token.AuthorizationServerClient;

import org.springframework.web.reactive.function.client.WebClient;

/** A server, a client of it, and a time that only the client's waiting moves. */
final class DeviceWorld implements AutoCloseable {

	final MovableClock clock = new MovableClock(Instant.parse("2026-11-01T12:00:00Z"));

	final FakeAuthorizationServer server = FakeAuthorizationServer.start("", this.clock);

	final VirtualTime time = new VirtualTime(this.clock);

	final List<UserCode> prompts = new CopyOnWriteArrayList<>();

	final List<PollResult> polls = new CopyOnWriteArrayList<>();

	Duration exchangeTimeout = Duration.ofSeconds(20);

	DeviceWorld() {
		this.server.register(FakeClient.publicClient("cli").requirePkce());
		this.server.device().interval(Duration.ofSeconds(3));
	}

	ProviderBuilder provider() {
		return provider("cli").endpoints(new Endpoints(null, this.server.uri(Endpoint.DEVICE_AUTHORIZATION),
				this.server.uri(Endpoint.TOKEN), null));
	}

	ProviderBuilder provider(String clientId) {
		return Provider.withId("demo", clientId);
	}

	IssuedTokens login() throws InterruptedException {
		return login(provider().build());
	}

	IssuedTokens login(Provider provider) throws InterruptedException {
		return login(provider, this.prompts::add);
	}

	IssuedTokens login(Provider provider, Consumer<UserCode> prompt) throws InterruptedException {
		AuthorizationServerClient client = client();
		Discovery discovery = new Discovery(client, this.clock);
		return new DeviceGrant(client, discovery, TestClients.identities(client, discovery), this.time).login(provider,
				prompt, this.polls::add);
	}

	DeviceAuthorization authorize() {
		return authorize(this.server.uri(Endpoint.DEVICE_AUTHORIZATION));
	}

	DeviceAuthorization authorize(URI endpoint) {
		return new DeviceAuthorizationEndpoint(client(), this.time).authorize(provider().build(), endpoint);
	}

	private AuthorizationServerClient client() {
		WebClient webClient = WebClient.create();
		return new AuthorizationServerClient((provider) -> webClient, this.exchangeTimeout);
	}

	/** The person decides during a wait. */
	void approveDuringWait(int number) {
		this.time.onWait(number, () -> this.server.approve(userCode()));
	}

	String userCode() {
		return this.prompts.get(0).userCode();
	}

	RecordedRequest deviceRequest() {
		return this.server.requests(Endpoint.DEVICE_AUTHORIZATION).get(0);
	}

	List<RecordedRequest> pollRequests() {
		return this.server.requests(Endpoint.TOKEN);
	}

	@Override
	public void close() {
		this.server.close();
	}

}
