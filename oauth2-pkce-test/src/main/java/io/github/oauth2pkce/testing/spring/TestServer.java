package io.github.oauth2pkce.testing.spring;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.login.Logout;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.Endpoint;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.Environment;

/**
 * The server of a context, and what it stands for.
 *
 * @param resources paths of the providers' protected resources (RFC 9728)
 * @param properties what the providers are configured with instead of their own
 */
record TestServer(FakeAuthorizationServer server, List<String> providers, List<String> resources,
		Map<String, Object> properties) {

	private static final Map<String, Endpoint> ENDPOINTS = Map.of("authorization-uri", Endpoint.AUTHORIZATION,
			"device-authorization-uri", Endpoint.DEVICE_AUTHORIZATION, "token-uri", Endpoint.TOKEN, "revocation-uri",
			Endpoint.REVOCATION);

	static TestServer start(List<String> providers, Environment environment) {
		FakeAuthorizationServer server = FakeAuthorizationServer.start().acceptAnyClient();
		Binder binder = Binder.get(environment);
		List<String> resources = new ArrayList<>();
		Map<String, Object> properties = new LinkedHashMap<>();
		properties.put(WithAuthorizationServer.URI_PROPERTY, server.uri("").toString());
		for (String id : providers) {
			String prefix = "oauth2.pkce.providers." + id + ".";
			String resource = binder.bind(prefix + "resource-uri", String.class).orElse(null);
			if (resource != null) {
				String path = URI.create(resource).getPath();
				resources.add(path);
				properties.put(prefix + "resource-uri", server.uri(path).toString());
				continue;
			}
			properties.put(prefix + "issuer-uri", server.issuer());
			// Explicit endpoints come before those that are discovered.
			String provider = binder
				.bind("spring.security.oauth2.client.registration." + id + ".provider", String.class)
				.orElse(id);
			ENDPOINTS.forEach((name, endpoint) -> {
				if (binder.bind(prefix + name, String.class).isBound()
						|| binder.bind("spring.security.oauth2.client.provider." + provider + "." + name, String.class)
							.isBound()) {
					properties.put(prefix + name, server.uri(endpoint).toString());
				}
			});
		}
		TestServer started = new TestServer(server, providers, resources, properties);
		started.prepare();
		return started;
	}

	/** As at first, for the next test. */
	void reset(ApplicationContext context) {
		this.server.reset();
		Logins logins = context.getBean(Logins.class);
		Logout logout = context.getBean(Logout.class);
		for (String id : this.providers) {
			CredentialId credential = CredentialId.ofApplication(id);
			Login running = logins.running(credential);
			if (running != null) {
				running.cancel();
			}
			logout.forget(credential);
		}
		this.server.reset();
		prepare();
	}

	private void prepare() {
		for (String path : this.resources) {
			this.server.registration().open();
			this.server.protectedResource(path);
		}
	}

}
