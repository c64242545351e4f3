package io.github.oauth2pkce.benchmarks.part;

/** Something that is measured, in a JVM of its own. */
public interface Part {

	/**
	 * Measures.
	 * @param scale how much
	 * @param samples where the samples go
	 * @throws Exception when it cannot be measured, or what is measured does not work
	 */
	void measure(Scale scale, Samples samples) throws Exception;

}
