package io.github.oauth2pkce.benchmarks.part;

import java.nio.file.Path;

/** Runs one part and ends the JVM, whatever threads are left: part, scale, file. */
public final class RunPart {

	private RunPart() {
	}

	public static void main(String[] arguments) {
		int status = 0;
		try {
			Part part = (Part) Class.forName(arguments[0]).getDeclaredConstructor().newInstance();
			Samples samples = new Samples();
			part.measure(Scale.valueOf(arguments[1]), samples);
			samples.write(Path.of(arguments[2]));
		}
		catch (Throwable ex) {
			ex.printStackTrace();
			status = 1;
		}
		System.exit(status);
	}

}
