package io.github.oauth2pkce.benchmarks.page;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import reactor.core.publisher.Flux;
import reactor.netty.http.client.HttpClient;

import org.springframework.boot.SpringBootVersion;
import org.springframework.core.SpringVersion;
import org.springframework.security.core.SpringSecurityCoreVersion;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Where and with what was measured. */
public final class Environment {

	private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

	private Environment() {
	}

	/**
	 * Writes it down.
	 * @param file where
	 * @throws IOException when the machine cannot be asked
	 * @throws InterruptedException when interrupted
	 */
	public static void write(Path file) throws IOException, InterruptedException {
		Map<String, String> facts = new LinkedHashMap<>();
		facts.put("Date", LocalDate.now(ZoneOffset.UTC).toString());
		facts.put("Commit", output("git", "describe", "--always", "--dirty", "--abbrev=12"));
		facts.put("Processor", processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores");
		facts.put("System", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
		facts.put("JDK", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
		facts.put("Spring Boot", SpringBootVersion.getVersion());
		facts.put("Spring Framework", String.valueOf(SpringVersion.getVersion()));
		facts.put("Spring Security", SpringSecurityCoreVersion.getVersion());
		facts.put("Reactor", version(Flux.class) + ", Reactor Netty " + version(HttpClient.class));
		Files.deleteIfExists(file);
		JSON.writeValue(file, facts);
	}

	static Map<String, String> read(Path file) {
		return JSON.readValue(file, new TypeReference<LinkedHashMap<String, String>>() {
		});
	}

	private static String version(Class<?> type) {
		return String.valueOf(type.getPackage().getImplementationVersion());
	}

	private static String processor() throws IOException {
		Path info = Path.of("/proc/cpuinfo");
		if (!Files.isReadable(info)) {
			return System.getProperty("os.arch");
		}
		return Files.readAllLines(info)
			.stream()
			.filter((line) -> line.startsWith("model name"))
			.map((line) -> line.substring(line.indexOf(':') + 1).strip())
			.findFirst()
			.orElse(System.getProperty("os.arch"));
	}

	private static String output(String... command) throws IOException, InterruptedException {
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
		return (process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0) ? output : "unknown";
	}

}
