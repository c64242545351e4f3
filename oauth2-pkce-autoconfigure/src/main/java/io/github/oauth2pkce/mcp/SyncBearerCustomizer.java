package io.github.oauth2pkce.mcp;

import java.net.URI;
import java.net.http.HttpRequest;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

import io.modelcontextprotocol.client.transport.customizer.McpSyncHttpClientRequestCustomizer;
import io.modelcontextprotocol.common.McpTransportContext;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

import io.github.oauth2pkce.mcp.McpBearers.Stamp;

/**
 * {@link AsyncBearerCustomizer} for {@code httpRequestCustomizer(..)}: waits for a
 * refresh, within the bounds of the source, when there is no usable token. Thread-safe;
 * never prompts.
 */
public final class SyncBearerCustomizer implements McpSyncHttpClientRequestCustomizer {

	private final McpBearers bearers;

	private final boolean asyncFollows;

	/**
	 * Creates a customizer.
	 * @param bearers what to put on requests
	 * @param asyncFollows whether requests pass an {@link AsyncBearerCustomizer} as well,
	 * as those of Spring AI, which takes the beans of both kinds: that one waits where
	 * this must not
	 */
	public SyncBearerCustomizer(McpBearers bearers, boolean asyncFollows) {
		this.bearers = bearers;
		this.asyncFollows = asyncFollows;
	}

	/**
	 * Puts a bearer on a request, if it should have one.
	 * @throws IllegalStateException when a refresh would have to be waited for on a
	 * thread that must not wait, such as an event loop
	 */
	@Override
	public void customize(HttpRequest.Builder builder, String method, URI endpoint, @Nullable String body,
			McpTransportContext context) {
		if (this.asyncFollows && Schedulers.isInNonBlockingThread() && !this.bearers.isSettled(endpoint)) {
			return;
		}
		Stamp stamp = await(AsyncBearerCustomizer.authorization(this.bearers, builder, endpoint, context).toFuture());
		if (stamp != null) {
			stamp.on(method, endpoint, builder::setHeader);
		}
	}

	private static @Nullable Stamp await(CompletableFuture<@Nullable Stamp> answer) {
		if (!answer.isDone() && Schedulers.isInNonBlockingThread()) {
			answer.cancel(true);
			throw new IllegalStateException("No bearer is at hand and thread '" + Thread.currentThread().getName()
					+ "' must not wait for one: give the transport the McpAsyncHttpClientRequestCustomizer instead");
		}
		try {
			return answer.get();
		}
		catch (InterruptedException ex) {
			answer.cancel(true);
			Thread.currentThread().interrupt();
			throw new CancellationException("Interrupted while waiting for a bearer");
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof RuntimeException cause) {
				throw cause;
			}
			throw new IllegalStateException("The source of bearers failed", ex.getCause());
		}
	}

}
