package io.github.oauth2pkce.benchmarks;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

import io.github.oauth2pkce.benchmarks.part.Samples;
import io.github.oauth2pkce.benchmarks.part.Scale;
import io.github.oauth2pkce.benchmarks.part.Series;
import io.github.oauth2pkce.benchmarks.request.FilterVariant;
import io.github.oauth2pkce.benchmarks.request.TakeTurns;

/**
 * Filters beside their floors, and Spring Security's beside ours: scale, file, and the
 * home of another JDK or {@code none}. Two JVMs take turns of some milliseconds: on a
 * shared machine the same request may take half as long again in the next second, but two
 * turns that follow each other have the same neighbours. A sample is the median of the
 * ratios of all turns of one pair; there are several pairs, because the compiler decides
 * anew in each JVM.
 */
public final class RunTurns {

	private static final Duration DEADLINE = Duration.ofMinutes(1);

	private static final String TURN = "3000";

	private static final String WARM_UP_TURN = "100000";

	/** The compiler counts calls, and signatures are slow. */
	private static final String WARM_UP_TURN_OF_SIGNATURES = "400000";

	private final Scale scale;

	private final Samples samples = new Samples();

	private RunTurns(Scale scale) {
		this.scale = scale;
	}

	public static void main(String[] arguments) throws IOException, InterruptedException {
		RunTurns run = new RunTurns(Scale.valueOf(arguments[0]));
		for (int pair = 0; pair < run.scale.of(1, 3); pair++) {
			run.onThisJdk(Path.of(System.getProperty("java.home")));
			if (!"none".equals(arguments[2])) {
				run.onOtherJdk(Path.of(arguments[2]));
			}
		}
		run.samples.write(Path.of(arguments[1]));
	}

	private void onThisJdk(Path java) throws IOException, InterruptedException {
		for (FilterVariant variant : FilterVariant.OURS) {
			pair("one thread", java, variant, variant.floor(), 1);
		}
		pair("one thread", java, FilterVariant.RESOURCE, FilterVariant.NAMED, 1);
		pair("one thread", java, FilterVariant.BOUND, FilterVariant.BOUND.floor(), 1);
		pair("two threads", java, FilterVariant.BASE_URL, FilterVariant.FLOOR, 2);
		pair("one thread", java, FilterVariant.SPRING_REACTIVE, FilterVariant.BASE_URL, 1);
	}

	private void onOtherJdk(Path java) throws IOException, InterruptedException {
		String jdk = "JDK " + version(java);
		pair(jdk, java, FilterVariant.NAMED, FilterVariant.FLOOR_NAMED, 1);
		pair(jdk, java, FilterVariant.BASE_URL, FilterVariant.FLOOR, 1);
		pair(jdk, java, FilterVariant.BOUND, FilterVariant.BOUND.floor(), 1);
		pair(jdk, java, FilterVariant.SPRING_REACTIVE, FilterVariant.BASE_URL, 1);
	}

	private static String version(Path java) throws IOException {
		Properties release = new Properties();
		try (Reader reader = Files.newBufferedReader(java.resolve("release"))) {
			release.load(reader);
		}
		return release.getProperty("JAVA_VERSION", "").replaceAll("^\"|[.+-].*|\"", "");
	}

	private void pair(String scenario, Path java, FilterVariant measured, FilterVariant beside, int threads)
			throws IOException, InterruptedException {
		try (ChildJvm one = start(java, measured, threads); ChildJvm other = start(java, beside, threads)) {
			answer(one);
			answer(other);
			String warmUpTurn = measured.isSigned() ? WARM_UP_TURN_OF_SIGNATURES : WARM_UP_TURN;
			for (int i = 0; i < this.scale.of(1, 20); i++) {
				take(one, warmUpTurn);
				take(other, warmUpTurn);
			}
			List<Double> time = new ArrayList<>();
			List<Double> bytes = new ArrayList<>();
			for (int i = 0; i < this.scale.of(3, 200); i++) {
				TakeTurns.Turn turn = take(one, TURN);
				TakeTurns.Turn otherTurn = take(other, TURN);
				time.add(turn.nanos() / otherTurn.nanos());
				bytes.add(turn.bytes() / otherTurn.bytes());
			}
			this.samples.add(scenario, measured.name(), "time", median(time));
			this.samples.add(scenario, measured.name(), "bytes", median(bytes));
		}
	}

	private static ChildJvm start(Path java, FilterVariant variant, int threads) throws IOException {
		return ChildJvm.startOn(java, ClassPath.withoutStores(), TakeTurns.class, variant.name(),
				Integer.toString(threads));
	}

	private static TakeTurns.Turn take(ChildJvm jvm, String micros) throws IOException, InterruptedException {
		jvm.writeLine(micros);
		return TakeTurns.Turn.parse(answer(jvm));
	}

	private static String answer(ChildJvm jvm) throws InterruptedException {
		String line = jvm.readLine(DEADLINE);
		if (line == null) {
			throw new IllegalStateException("The JVM has ended, or does not answer; see its output above");
		}
		return line;
	}

	private static double median(List<Double> samples) {
		return new Series("", "", "", samples).median();
	}

}
