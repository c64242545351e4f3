package io.github.oauth2pkce.benchmarks;

import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Class paths of applications: this module has everything on its own, and a Spring Boot
 * application configures what it finds.
 */
public final class ClassPath {

	private static final List<String> STORES = List.of("spring-jdbc", "spring-boot-jdbc", "spring-tx",
			"spring-boot-transaction", "spring-boot-sql", "spring-boot-persistence", "spring-data-",
			"spring-boot-data-", "HikariCP", "h2-", "postgresql", "embedded-", "lettuce");

	private static final List<String> METERS = List.of("spring-boot-micrometer-metrics");

	private static final List<String> SPRING_CLIENT = List.of("spring-boot-security", "spring-boot-starter-security",
			"spring-security-config", "spring-security-web");

	private static final List<String> STARTER = List.of("oauth2-pkce-");

	private static final List<String> WEB_AND_TOOLS = List.of("spring-boot-starter-webmvc", "spring-boot-webmvc",
			"spring-webmvc", "spring-boot-tomcat", "spring-boot-starter-tomcat", "tomcat-", "spring-boot-servlet",
			"spring-boot-web-server", "spring-boot-restclient", "spring-boot-micrometer", "micrometer-core",
			"HdrHistogram", "jmh-", "jopt-simple", "commons-lang3", "commons-compress", "commons-io", "commons-codec",
			"commons-math3", "redis-authx", "spring-boot-netty");

	/** What comes with the starter. */
	private static final List<String> STARTERS_OWN = List.of("spring-security-", "oauth2-oidc-sdk", "nimbus-jose-jwt",
			"caffeine", "error_prone", "qrcodegen", "json-smart", "accessors-smart", "asm-", "lang-tag", "content-type",
			"jcip-annotations");

	private ClassPath() {
	}

	/** With everything. */
	public static String whole() {
		return without(List.of());
	}

	/** Of an application without data stores. */
	public static String withoutStores() {
		return without(List.of(STORES));
	}

	/** Of an application with this starter, and nothing of Boot's for security. */
	public static String ofStarter() {
		return without(List.of(STORES, METERS, SPRING_CLIENT));
	}

	/** Of an application with Spring Boot's own OAuth 2.0 client. */
	public static String ofSpringClient() {
		return without(List.of(STORES, METERS, STARTER));
	}

	/** Of a command-line program with this starter. */
	public static String ofProgram() {
		return without(List.of(STORES, METERS, SPRING_CLIENT, WEB_AND_TOOLS));
	}

	/** Of the same program with Spring Boot's own OAuth 2.0 client. */
	public static String ofProgramWithSpringClient() {
		return without(List.of(STORES, METERS, WEB_AND_TOOLS, STARTER));
	}

	/** Of the same program without either. */
	public static String ofProgramWithoutStarter() {
		return without(List.of(STORES, METERS, SPRING_CLIENT, WEB_AND_TOOLS, STARTER, STARTERS_OWN));
	}

	private static String without(List<List<String>> parts) {
		List<String> unwanted = parts.stream().flatMap(List::stream).toList();
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> unwanted.stream().noneMatch(name(entry)::startsWith))
			.collect(Collectors.joining(File.pathSeparator));
	}

	/** Of the jar, or of the module whose classes are in a directory. */
	private static String name(String entry) {
		File file = new File(entry);
		return file.isDirectory() ? file.getParentFile().getParentFile().getName() + "-classes" : file.getName();
	}

}
