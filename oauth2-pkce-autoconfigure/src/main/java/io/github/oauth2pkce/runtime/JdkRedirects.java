package io.github.oauth2pkce.runtime;

import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

import io.github.oauth2pkce.bearer.jdk.RedirectingConnector;
import io.github.oauth2pkce.bearer.jdk.RedirectingRequestFactory;

import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.JdkClientHttpConnectorBuilder;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;

/**
 * Boot's connections by the JDK's client, whose older versions take a bearer along on a
 * redirect to another origin (17.0.15 does, 25.0.3 does not). The client follows none,
 * and what is put on top follows those that the client would have.
 */
public final class JdkRedirects {

	private JdkRedirects() {
	}

	/**
	 * For RestClient and RestTemplate.
	 * @param builder makes connections by the JDK's client
	 * @return makes such ones that keep a bearer in its origin
	 */
	public static ClientHttpRequestFactoryBuilder<ClientHttpRequestFactory> within(
			JdkClientHttpRequestFactoryBuilder builder) {
		return (settings) -> JdkRedirects.<ClientHttpRequestFactory>build(
				(customizer) -> builder.withHttpClientCustomizer(customizer).build(settings),
				RedirectingRequestFactory::new);
	}

	/**
	 * For WebClient.
	 * @param builder makes connections by the JDK's client
	 * @return makes such ones that keep a bearer in its origin
	 */
	public static ClientHttpConnectorBuilder<ClientHttpConnector> within(JdkClientHttpConnectorBuilder builder) {
		return (settings) -> JdkRedirects.<ClientHttpConnector>build(
				(customizer) -> builder.withHttpClientCustomizer(customizer).build(settings),
				RedirectingConnector::new);
	}

	/** From Java 21 on; before, it ends with its last reference. */
	private static void close(Object client) {
		if (client instanceof AutoCloseable closeable) {
			try {
				closeable.close();
			}
			catch (Exception ex) {
				// Its thread ends with its last reference.
			}
		}
	}

	private static <T> T build(Function<Consumer<HttpClient.Builder>, T> build,
			BiFunction<T, Redirect, T> redirecting) {
		AtomicReference<Redirect> policy = new AtomicReference<>(Redirect.NEVER);
		T connections = build.apply((client) -> {
			// Last, and the only way to see what the application's customizers have set.
			HttpClient built = client.build();
			policy.set(built.followRedirects());
			close(built);
			client.followRedirects(Redirect.NEVER);
		});
		return (policy.get() != Redirect.NEVER) ? redirecting.apply(connections, policy.get()) : connections;
	}

}
