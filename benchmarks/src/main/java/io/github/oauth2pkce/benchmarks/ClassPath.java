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
