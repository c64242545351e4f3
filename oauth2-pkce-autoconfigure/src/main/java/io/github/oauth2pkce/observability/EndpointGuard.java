package io.github.oauth2pkce.observability;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.cloud.CloudPlatform;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.http.server.PathContainer;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/** Where the endpoint is, and who may not use it. What both filters share. */
public final class EndpointGuard {

	/** By the parser that maps the endpoints; found when the first request comes. */
	private final Supplier<@Nullable PathPattern> path;

	private final ForeignPages foreignPages;

	public EndpointGuard(ObjectProvider<PathMappedEndpoints> endpoints, Environment environment) {
		this.path = SingletonSupplier.ofNullable(() -> {
			PathMappedEndpoints all = endpoints.getIfAvailable();
			String path = (all != null) ? all.getPath(EndpointId.of("oauth2providers")) : null;
			return (path != null) ? PathPatternParser.defaultInstance.parse(path + "/**") : null;
		});
		this.foreignPages = new ForeignPages(isBehindProxy(environment),
				Binder.get(environment)
					.bind("management.endpoints.web.cors.allowed-origins", Bindable.setOf(String.class))
					.orElse(Set.of()));
	}

	/** As Boot decides it. */
	private static boolean isBehindProxy(Environment environment) {
		String strategy = environment.getProperty("server.forward-headers-strategy");
		if (strategy != null && !strategy.isBlank()) {
			return !strategy.trim().equalsIgnoreCase("none");
		}
		CloudPlatform platform = CloudPlatform.getActive(environment);
		return platform != null && platform.isUsingForwardHeaders();
	}

	boolean covers(PathContainer pathWithinApplication) {
		PathPattern path = this.path.get();
		return path != null && path.matches(pathWithinApplication);
	}

	@Nullable String refusal(ForeignPages.Request request) {
		return this.foreignPages.refusal(request);
	}

	static byte[] body(String refusal) {
		return JsonMapper.shared()
			.writeValueAsString(java.util.Map.of("error", "forbidden", "message", refusal))
			.getBytes(StandardCharsets.UTF_8);
	}

}
