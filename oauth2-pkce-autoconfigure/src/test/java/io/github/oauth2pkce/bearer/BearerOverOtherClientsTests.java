package io.github.oauth2pkce.bearer;

import java.util.List;

import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.WWWAuthenticationProtocolHandler;
import org.eclipse.jetty.util.component.LifeCycle;
import org.junit.jupiter.api.Tag;

import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;

/**
 * Over the clients that an application adds: with one connection each, so that an answer
 * that is not released is noticed by the next request.
 */
@Tag("connectors")
class BearerOverOtherClientsTests extends BearerOverHttpContractTests {

	static List<Client> clients() {
		return OtherClients.ALL;
	}

	/** Apart from the tests, which JUnit looks at where these clients are missing. */
	private static final class OtherClients {

		private static final List<Client> ALL = List.of(
				Client.web("Jetty", ClientHttpConnectorBuilder.jetty().withHttpClientCustomizer(OtherClients::jetty)),
				Client.web("Apache HttpComponents",
						ClientHttpConnectorBuilder.httpComponents()
							.withConnectionManagerCustomizer((connections) -> connections.setMaxConnPerRoute(1))),
				Client.rest("Jetty",
						ClientHttpRequestFactoryBuilder.jetty().withHttpClientCustomizer(OtherClients::jetty)),
				Client.rest("Apache HttpComponents", ClientHttpRequestFactoryBuilder.httpComponents()
					.withConnectionManagerCustomizer((connections) -> connections.setMaxConnPerRoute(1))));

		/**
		 * As docs/clients.md says: on a 401, Jetty's own authentication fails a request
		 * whose body is not sent yet.
		 */
		private static void jetty(HttpClient client) {
			client.setMaxConnectionsPerDestination(1);
			client.addEventListener(new LifeCycle.Listener() {
				@Override
				public void lifeCycleStarted(LifeCycle started) {
					client.getProtocolHandlers().remove(WWWAuthenticationProtocolHandler.NAME);
				}
			});
		}

	}

}
