package io.github.oauth2pkce.testing;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

import com.sun.net.httpserver.HttpExchange;
import org.jspecify.annotations.Nullable;

/**
 * An MCP server over streamable HTTP on 127.0.0.1, with sessions (2025-11-25) and without
 * (2026-07-28), that has one tool, {@code whoami}: it says which {@code Authorization} it
 * was called with. Safe for use by many threads.
 */
public final class FakeMcpServer implements AutoCloseable {

	private final LoopbackHttp http = new LoopbackHttp(this::handle);

	private final List<Call> calls = new CopyOnWriteArrayList<>();

	private volatile Function<Call, @Nullable Answer> refusal = (call) -> null;

	private FakeMcpServer() {
	}

	public static FakeMcpServer start() {
		FakeMcpServer server = new FakeMcpServer();
		server.http.start();
		return server;
	}

	@Override
	public void close() {
		this.http.stop();
	}

	public String origin() {
		return "http://127.0.0.1:" + this.http.port();
	}

	public URI uri() {
		return URI.create(origin() + "/mcp");
	}

	/**
	 * Answer so instead, where the function gives something.
	 */
	public FakeMcpServer refusing(Function<Call, @Nullable Answer> refusal) {
		this.refusal = refusal;
		return this;
	}

	/**
	 * Take this bearer only, and answer 401 {@code invalid_token} to others, 401 without
	 * an error to none.
	 */
	public FakeMcpServer taking(String token) {
		return refusing((call) -> call.authorization().equals(List.of("Bearer " + token)) ? null : Answer.status(401)
			.withHeader("WWW-Authenticate",
					call.authorization().isEmpty() ? "Bearer realm=\"mcp\"" : "Bearer error=\"invalid_token\""));
	}

	public List<Call> calls() {
		return List.copyOf(this.calls);
	}

	/** The calls of one JSON-RPC method, or of {@code GET} and {@code DELETE}. */
	public List<Call> calls(String method) {
		return this.calls.stream().filter((call) -> call.method().equals(method)).toList();
	}

	private void handle(HttpExchange exchange) throws IOException {
		try (exchange) {
			String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
			Map<String, Object> message = body.isEmpty() ? null : Json.readObject(body);
			String method = (message != null) ? String.valueOf(message.get("method")) : exchange.getRequestMethod();
			Call call = new Call(method, exchange.getRequestHeaders().getOrDefault("Authorization", List.of()));
			this.calls.add(call);
			Answer refused = this.refusal.apply(call);
			Answer answer = (refused != null) ? refused : answer(call, message);
			if (answer.answerAfter() != null) {
				answer.answerAfter().await();
			}
			Delivery.deliver(exchange, answer, answer.cut());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private Answer answer(Call call, @Nullable Map<String, Object> message) {
		if (message == null) {
			return Answer.status("GET".equals(call.method()) ? 405 : 200);
		}
		Object id = message.get("id");
		if (id == null) {
			return Answer.status(202);
		}
		Map<String, Object> answer = new LinkedHashMap<>();
		answer.put("jsonrpc", "2.0");
		answer.put("id", id);
		answer.put("result", result(call));
		Answer ok = Answer.json(200, answer);
		return call.method().equals("initialize") ? ok.withHeader("Mcp-Session-Id", "session-1") : ok;
	}

	private static Map<String, Object> result(Call call) {
		Map<String, Object> result = new LinkedHashMap<>();
		result.put("resultType", "complete");
		switch (call.method()) {
			case "initialize" -> {
				result.put("protocolVersion", "2025-11-25");
				result.put("capabilities", Map.of("tools", Map.of()));
				result.put("serverInfo", Map.of("name", "fake", "version", "1"));
			}
			case "tools/list" -> {
				result.put("tools", List.of(Map.of("name", "whoami", "inputSchema", Map.of("type", "object"))));
				result.put("ttlMs", 0);
				result.put("cacheScope", "private");
			}
			case "tools/call" -> result.put("content",
					List.of(Map.of("type", "text", "text", String.join(" AND ", call.authorization()))));
			default -> {
			}
		}
		return result;
	}

	/**
	 * A request.
	 *
	 * @param method of JSON-RPC, or of HTTP for one without a body
	 * @param authorization its {@code Authorization} headers
	 */
	public record Call(String method, List<String> authorization) {

	}

}
