package io.github.oauth2pkce.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

import io.github.oauth2pkce.benchmarks.part.Scale;
import io.github.oauth2pkce.benchmarks.request.FilterBenchmark;
import io.github.oauth2pkce.benchmarks.request.FilterVariant;
import io.github.oauth2pkce.benchmarks.request.InterceptorBenchmark;
import io.github.oauth2pkce.benchmarks.request.TokenBenchmark;

/**
 * The JMH part: scale and file. Everything is measured in turn, and then once more, so
 * that a bad minute meets all alike. Many short iterations rather than few long ones: on
 * a shared machine their median says more.
 */
public final class RunRequests {

	private final Scale scale;

	/** All rounds, by what was measured. */
	private final Map<String, RunResult> results = new LinkedHashMap<>();

	private RunRequests(Scale scale) {
		this.scale = scale;
	}

	public static void main(String[] arguments) throws RunnerException {
		RunRequests run = new RunRequests(Scale.valueOf(arguments[0]));
		for (int round = 0; round < run.scale.of(1, 2); round++) {
			run.all();
		}
		ResultFormatFactory.getInstance(ResultFormatType.JSON, arguments[1]).writeOut(run.results.values());
		// Reactor's threads, for one, are still there.
		System.exit(0);
	}

	private void all() throws RunnerException {
		run(filters(FilterVariant.NONE, FilterVariant.FLOOR, FilterVariant.FLOOR_NAMED, FilterVariant.NAMED,
				FilterVariant.BASE_URL, FilterVariant.SPRING_REACTIVE, FilterVariant.SPRING_SERVLET),
				FilterBenchmark.class, ".write");
		run(new OptionsBuilder(), InterceptorBenchmark.class, ".intercept");
		run(new OptionsBuilder(), TokenBenchmark.class, ".*");
	}

	private static ChainedOptionsBuilder filters(FilterVariant... variants) {
		return new OptionsBuilder().param("variant",
				Arrays.stream(variants).map(FilterVariant::name).toArray(String[]::new));
	}

	private void run(ChainedOptionsBuilder options, Class<?> benchmark, String method) throws RunnerException {
		Collection<RunResult> results = new Runner(options.include(benchmark.getName() + method + "$")
			.threads(1)
			.forks(1)
			.warmupIterations(this.scale.of(1, 6))
			.warmupTime(TimeValue.milliseconds(500))
			.measurementIterations(this.scale.of(2, 50))
			.measurementTime(TimeValue.milliseconds(30))
			.addProfiler(GCProfiler.class)
			.shouldFailOnError(true)
			.build()).run();
		for (RunResult result : results) {
			this.results.merge(key(result.getParams()), result, RunRequests::together);
		}
	}

	private static String key(BenchmarkParams params) {
		return params.getBenchmark() + " " + params.getParam("variant");
	}

	private static RunResult together(RunResult earlier, RunResult later) {
		List<BenchmarkResult> forks = new ArrayList<>(earlier.getBenchmarkResults());
		forks.addAll(later.getBenchmarkResults());
		return new RunResult(earlier.getParams(), forks);
	}

}
