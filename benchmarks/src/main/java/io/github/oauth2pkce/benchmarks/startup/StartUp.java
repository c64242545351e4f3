package io.github.oauth2pkce.benchmarks.startup;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.WebApplicationType;

import io.github.oauth2pkce.benchmarks.ChildJvm;
import io.github.oauth2pkce.benchmarks.ClassPath;
import io.github.oauth2pkce.benchmarks.part.Part;
import io.github.oauth2pkce.benchmarks.part.Samples;
import io.github.oauth2pkce.benchmarks.part.Scale;
import io.github.oauth2pkce.benchmarks.server.LoopbackServer;

/** Start-up with many providers, whose issuers are quick, slow, down, or hang. */
public final class StartUp implements Part {

	/** Longer than Spring's own time limits. */
	private static final Duration GIVE_UP = Duration.ofSeconds(45);

	private static final List<WebApplicationType> TYPES = List.of(WebApplicationType.NONE, WebApplicationType.SERVLET);

	private final LoopbackServer server = new LoopbackServer();

	@Override
	public void measure(Scale scale, Samples samples) throws Exception {
		ProgramStarts.measure(scale.of(1, 12), samples);
		try (ServerSocket hanging = new ServerSocket(0, 200)) {
			URI hangs = URI.create("http://127.0.0.1:" + hanging.getLocalPort());
			URI refuses = URI.create("http://127.0.0.1:" + unusedPort());
			int rounds = scale.of(1, 3);
			for (int round = 0; round < rounds; round++) {
				this.server.latency(Duration.ZERO);
				compare("no providers", 0, (i) -> "", samples);
				compare("16 issuers, 0 ms", 16, this::issuer, samples);
			}
			this.server.latency(Duration.ofMillis(300));
			compare("16 issuers, 300 ms", scale.of(2, 16), this::issuer, samples);
			this.server.latency(Duration.ZERO);
			compare("16 issuers, 1 refuses", 16, (i) -> (i == 7) ? refuses.toString() : issuer(i), samples);
			if (scale == Scale.FULL) {
				compare(WebApplicationType.SERVLET, "16 issuers, 1 hangs", 16,
						(i) -> (i == 7) ? hangs.toString() : issuer(i), samples);
			}
		}
		finally {
			this.server.close();
		}
	}

	private String issuer(int provider) {
		return this.server.uri("/issuer-" + provider).toString();
	}

	private static int unusedPort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	private void compare(String scenario, int providers, IntFunction<String> issuers, Samples samples)
			throws IOException, InterruptedException {
		for (WebApplicationType type : TYPES) {
			compare(type, scenario, providers, issuers, samples);
		}
	}

	private void compare(WebApplicationType type, String scenario, int providers, IntFunction<String> issuers,
			Samples samples) throws IOException, InterruptedException {
		String kind = ", " + type.name().toLowerCase(Locale.ROOT);
		add(samples, scenario, "this starter" + kind, start(ClassPath.ofStarter(), type, ours(providers, issuers)));
		add(samples, scenario, "Spring Boot's client" + kind,
				start(ClassPath.ofSpringClient(), type, springs(providers, issuers)));
	}

	private static void add(Samples samples, String scenario, String subject, @Nullable Double millis) {
		samples.add(scenario, subject, "starts, of 1", (millis != null) ? 1 : 0);
		if (millis != null) {
			samples.add(scenario, subject, "ms", millis);
		}
	}

	/** How long it took, or nothing if it does not start. */
	private static @Nullable Double start(String classPath, WebApplicationType type, List<String> properties)
			throws IOException, InterruptedException {
		List<String> arguments = new ArrayList<>(properties);
		arguments.add(0, type.name());
		try (ChildJvm jvm = ChildJvm.startQuietly(classPath, StartOnce.class, arguments.toArray(String[]::new))) {
			String line = jvm.readLine(GIVE_UP);
			while (line != null && !line.startsWith("started ")) {
				line = jvm.readLine(GIVE_UP);
			}
			return (line != null) ? Double.valueOf(line.substring("started ".length())) : null;
		}
	}

	private static List<String> ours(int providers, IntFunction<String> issuers) {
		List<String> properties = new ArrayList<>(List.of("oauth2.pkce.store.type=memory"));
		for (int i = 0; i < providers; i++) {
			String prefix = "oauth2.pkce.providers.p" + i + ".";
			properties.add(prefix + "client-id=client");
			properties.add(prefix + "issuer-uri=" + issuers.apply(i));
		}
		return properties;
	}

	private static List<String> springs(int providers, IntFunction<String> issuers) {
		List<String> properties = new ArrayList<>();
		for (int i = 0; i < providers; i++) {
			String prefix = "spring.security.oauth2.client.";
			properties.add(prefix + "registration.p" + i + ".client-id=client");
			properties.add(prefix + "registration.p" + i + ".client-authentication-method=none");
			properties.add(prefix + "registration.p" + i + ".authorization-grant-type=authorization_code");
			properties.add(prefix + "registration.p" + i + ".redirect-uri={baseUrl}/callback");
			properties.add(prefix + "provider.p" + i + ".issuer-uri=" + issuers.apply(i));
		}
		return properties;
	}

}
