package io.github.oauth2pkce.autoconfigure;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.oauth2pkce.bearer.AuthenticationRequiredException;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications with the jars that they would have, each in a process of its own: a
 * filtered class loader hides classes from lookups by name, and not from the signatures
 * of our own classes.
 */
@Timeout(120)
class RealClassPathTests {

	/** What no application of these kinds has because of the starter. */
	private static final String NEVER = "authorization-server|spring-boot-security|spring-security-config|jdbc|redis|lettuce";

	private static final String SERVLET = "servlet|tomcat|webmvc";

	private static final String OPERATIONS = "actuator|micrometer-core|micrometer-registry|spring-boot-health"
			+ "|spring-boot-micrometer|restclient|qrcodegen|mcp|spring-ai|okhttp|feign|grpc";

	private static final String REACTIVE = "spring-boot-webflux|spring-boot-reactor-netty";

	@ParameterizedTest
	@CsvSource({ "AnnotationConfigReactiveWebServerApplicationContext, " + SERVLET,
			"AnnotationConfigReactiveWebServerApplicationContext, " + SERVLET + "|" + OPERATIONS,
			"AnnotationConfigServletWebServerApplicationContext, " + REACTIVE,
			"AnnotationConfigServletWebServerApplicationContext, " + REACTIVE + "|" + OPERATIONS,
			"AnnotationConfigApplicationContext, " + SERVLET + "|" + REACTIVE,
			"AnnotationConfigApplicationContext, " + SERVLET + "|" + REACTIVE + "|" + OPERATIONS })
	void startsWithTheJarsThatAreThere(String context, String missing) throws Exception {
		assertThat(start(missing)).contains("STARTED " + context);
	}

	private static String start(String without) throws IOException, InterruptedException {
		Pattern hidden = Pattern.compile(without + "|" + NEVER);
		String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> !hidden.matcher(Path.of(entry).getFileName().toString()).find())
			.collect(Collectors.joining(File.pathSeparator));
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", classPath, Application.class.getName())
			.redirectErrorStream(true)
			.start();
		try {
			process.getOutputStream().close();
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			process.waitFor();
			return output;
		}
		finally {
			process.destroyForcibly();
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		public static void main(String[] args) {
			try (ConfigurableApplicationContext context = SpringApplication.run(Application.class, "--server.port=0",
					"--server.address=127.0.0.1", "--spring.main.banner-mode=off", "--oauth2.pkce.store.type=memory",
					"--oauth2.pkce.login.on-startup=never", "--oauth2.pkce.providers.acme.client-id=app",
					"--oauth2.pkce.providers.acme.issuer-uri=http://127.0.0.1:1",
					"--management.endpoints.web.exposure.include=*")) {
				// Knows exceptions of clients that may not be there.
				AuthenticationRequiredException.isAuthenticationRequired(new IllegalStateException());
				System.out.println("STARTED " + context.getClass().getSimpleName());
			}
		}

	}

}
