package io.github.oauth2pkce.benchmarks.server;

/** An API in a JVM of its own: prints its address, and serves until it is ended. */
public final class ServeApi {

	private ServeApi() {
	}

	public static void main(String[] arguments) throws InterruptedException {
		try (LoopbackServer server = new LoopbackServer()) {
			System.out.println(server.uri("/api"));
			Thread.currentThread().join();
		}
	}

}
