package io.github.oauth2pkce.benchmarks.request;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import com.sun.management.ThreadMXBean;

/**
 * Sends requests as {@link FilterBenchmark} does, whenever it is told to: variant, and
 * the number of threads. Reads how many microseconds a turn takes from each line of its
 * input, and prints nanoseconds and bytes for one request.
 */
public final class TakeTurns {

	/** So many that a look at the clock between them costs nothing. */
	private static final int BATCH = 50;

	/** So few that a turn stays short, where each request costs a signature. */
	private static final int BATCH_OF_SIGNATURES = 2;

	private final ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	private final FilterBenchmark benchmark = new FilterBenchmark();

	private TakeTurns(FilterVariant variant) {
		this.benchmark.variant = variant;
		this.benchmark.create();
	}

	public static void main(String[] arguments) throws IOException, InterruptedException, ExecutionException {
		TakeTurns turns = new TakeTurns(FilterVariant.valueOf(arguments[0]));
		int threads = Integer.parseInt(arguments[1]);
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		System.out.println("ready");
		BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line = input.readLine(); line != null; line = input.readLine()) {
			long nanos = TimeUnit.MICROSECONDS.toNanos(Long.parseLong(line));
			System.out.println(turns.takeOn(executor, threads, nanos));
		}
		// Reactor's threads, for one, are still there.
		System.exit(0);
	}

	private Turn takeOn(ExecutorService executor, int threads, long nanos)
			throws InterruptedException, ExecutionException {
		Callable<Turn> turn = () -> take(nanos);
		List<Turn> taken = new ArrayList<>();
		for (Future<Turn> future : executor.invokeAll(Collections.nCopies(threads, turn))) {
			taken.add(future.get());
		}
		return new Turn(taken.stream().mapToDouble(Turn::nanos).average().orElseThrow(),
				taken.stream().mapToDouble(Turn::bytes).average().orElseThrow());
	}

	private Turn take(long nanos) {
		long bytes = this.memory.getCurrentThreadAllocatedBytes();
		long start = System.nanoTime();
		int requests = 0;
		int batch = this.benchmark.variant.isSigned() ? BATCH_OF_SIGNATURES : BATCH;
		while (System.nanoTime() - start < nanos) {
			for (int i = 0; i < batch; i++) {
				if (this.benchmark.write() == null) {
					throw new IllegalStateException("No answer");
				}
			}
			requests += batch;
		}
		long end = System.nanoTime();
		return new Turn((double) (end - start) / requests,
				(double) (this.memory.getCurrentThreadAllocatedBytes() - bytes) / requests);
	}

	/**
	 * What one request has cost.
	 *
	 * @param nanos the time
	 * @param bytes allocated
	 */
	public record Turn(double nanos, double bytes) {

		/**
		 * Reads what was printed.
		 * @param line the line
		 * @return what it says
		 */
		public static Turn parse(String line) {
			String[] words = line.split(" ");
			return new Turn(Double.parseDouble(words[0]), Double.parseDouble(words[1]));
		}

		@Override
		public String toString() {
			return this.nanos + " " + this.bytes;
		}

	}

}
