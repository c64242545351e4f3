package io.github.oauth2pkce.benchmarks.startup;

import java.util.List;

import org.springframework.boot.WebApplicationType;

import io.github.oauth2pkce.benchmarks.BenchmarkApplication;

/**
 * Starts one application, prints how many milliseconds that took, and ends: its kind,
 * then its properties.
 */
public final class StartOnce {

	private StartOnce() {
	}

	public static void main(String[] arguments) {
		long start = System.nanoTime();
		List<String> properties = List.of(arguments).subList(1, arguments.length);
		BenchmarkApplication.start(WebApplicationType.valueOf(arguments[0]), properties);
		System.out.println("started " + (System.nanoTime() - start) / 1e6);
		Runtime.getRuntime().halt(0);
	}

}
