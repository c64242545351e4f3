package io.github.oauth2pkce.benchmarks.startup;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

import io.github.oauth2pkce.benchmarks.BenchmarkApplication;

/**
 * A command-line program that has nothing to do: says when it has started, and at its end
 * how much memory it had. Its arguments are properties.
 */
public final class RunProgram {

	static final String STARTED = "started";

	/** Then kB. */
	static final String MEMORY = "memory ";

	private static final Path STATUS = Path.of("/proc/self/status");

	/** A command takes standard output for itself. */
	private static final PrintStream OUT = new PrintStream(new FileOutputStream(FileDescriptor.out), true);

	private RunProgram() {
	}

	public static void main(String[] arguments) {
		Runtime.getRuntime().addShutdownHook(new Thread(RunProgram::tellMemory));
		ConfigurableApplicationContext application = BenchmarkApplication.start(WebApplicationType.NONE,
				List.of(arguments));
		OUT.println(STARTED);
		System.exit(SpringApplication.exit(application));
	}

	/** The most that was resident. */
	private static void tellMemory() {
		try {
			for (String line : Files.readAllLines(STATUS)) {
				if (line.startsWith("VmHWM:")) {
					OUT.println(MEMORY + line.replaceAll("[^0-9]", ""));
				}
			}
		}
		catch (IOException ex) {
			// Not a system that tells.
		}
	}

}
