package io.github.oauth2pkce.token;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.http.client.HttpClient;

import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.Provider;

import org.springframework.http.HttpHeaders;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.util.unit.DataSize;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * A server that answers with tokens has made them, and may have spent the old one: they
 * are read whatever the layers below think of size, encoding and framing.
 */
@Timeout(60)
class CommittedAnswerTests {

	private static final String TOKENS = "{\"access_token\":\"at-1\",\"token_type\":\"Bearer\",\"expires_in\":300,"
			+ "\"refresh_token\":\"rt-1\"}";

	private final Provider provider = Provider.withId("demo", "cli").build();

	@SuppressWarnings("NullAway.Init")
	private ServerSocket listener;

	@BeforeEach
	void listen() throws IOException {
		this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
	}

	@AfterEach
	void close() throws IOException {
		this.listener.close();
	}

	static Stream<ClientHttpConnector> connectors() {
		return Stream.of(new ReactorClientHttpConnector(), new ReactorClientHttpConnector(HttpClient.create()),
				new JdkClientHttpConnector());
	}

	// Framing.

	@ParameterizedTest
	@MethodSource("connectors")
	void connectionThatClosesBehindTheDocument(ClientHttpConnector connector) {
		answer("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + TOKENS);
		assertTokens(connector);
	}

	@ParameterizedTest
	@MethodSource("connectors")
	void chunksWithoutAnEnd(ClientHttpConnector connector) {
		answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(TOKENS.length()) + "\r\n"
				+ TOKENS + "\r\n");
		assertTokens(connector);
	}

	/** Counted in characters, as some servers do: the last bytes do not arrive. */
	@ParameterizedTest
	@MethodSource("connectors")
	void lengthThatLeavesTheEndAway(ClientHttpConnector connector) {
		String body = TOKENS.replace("}", ",\"name\":\"\u00e9\u00e9\"}");
		answer("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
		assertTokens(connector);
	}

	@ParameterizedTest
	@MethodSource("connectors")
	void noLengthAtAll(ClientHttpConnector connector) {
		answer("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + TOKENS);
		assertTokens(connector);
	}

	@ParameterizedTest
	@MethodSource("connectors")
	void connectionThatStaysOpenBehindTheDocument(ClientHttpConnector connector) {
		answer(("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + TOKENS).getBytes(StandardCharsets.UTF_8), false);
		assertThat(refresh(connector, Duration.ofSeconds(1)).refreshToken()).isEqualTo("rt-1");
	}

	@ParameterizedTest
	@ValueSource(ints = { 200, 201, 202, 203, 206, 299 })
	void anyStatusOfSuccess(int status) {
		answer("HTTP/1.1 " + status + " Yes\r\nContent-Length: " + TOKENS.length() + "\r\n\r\n" + TOKENS);
		assertTokens(new ReactorClientHttpConnector());
	}

	/** The access token may be of a type that is no bearer. */
	@Test
	void refreshTokenIsKeptWhereTheTypeIsCutOff() {
		body("{\"refresh_token\":\"rt-1\",\"access_token\":\"at-1\",\"token_ty");
		TokenResponse response = refresh(new ReactorClientHttpConnector(), Duration.ofSeconds(30));
		assertThat(response.refreshToken()).isEqualTo("rt-1");
		assertThat(response.accessToken()).isEmpty();
	}

	@Test
	void numberAtTheCutIsUnknown() {
		body("{\"access_token\":\"at-1\",\"token_type\":\"Bearer\",\"refresh_token\":\"rt-1\",\"expires_in\":36");
		assertThat(refresh(new ReactorClientHttpConnector(), Duration.ofSeconds(30)).expiresIn()).isNull();
	}

	@ParameterizedTest
	@MethodSource("connectors")
	void formThatIsCutMayEndInHalfAToken(ClientHttpConnector connector) {
		answer("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\ntoken_type=bearer&refresh_token=rt-1&access_token=at");
		assertThat(lost(connector, Duration.ofSeconds(30)).mayHaveBeenProcessed()).isTrue();
	}

	@Test
	void tokenAtTheCutIsNone() {
		answer("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"token_type\":\"Bearer\",\"access_token\":\"at-1");
		assertThat(lost(new ReactorClientHttpConnector(), Duration.ofSeconds(30)).mayHaveBeenProcessed()).isTrue();
	}

	// Size.

	@ParameterizedTest
	@MethodSource("connectors")
	void decorationThatIsLargerThanTheLimit(ClientHttpConnector connector) {
		body("{\"groups\":\"" + "g".repeat(1_500_000) + "\"," + TOKENS.substring(1));
		assertTokens(connector);
	}

	@Test
	void tokensBeforeDecorationThatIsTooLargeForAnyLimit() {
		body(TOKENS.replace("}", ",\"groups\":\"" + "g".repeat(17 * 1024 * 1024) + "\"}"));
		assertTokens(new ReactorClientHttpConnector());
	}

	@Test
	void answerThatIsTooLargeIsNamed() {
		body("{\"groups\":\"" + "g".repeat(40_000) + "\"," + TOKENS.substring(1));
		AuthorizationServerClient client = client(new ReactorClientHttpConnector(), Duration.ofSeconds(30),
				DataSize.ofKilobytes(1));
		AuthorizationServerUnreachableException failure = catchThrowableOfType(
				AuthorizationServerUnreachableException.class, () -> refresh(client));
		assertThat(failure).hasMessage(
				"POST " + uri() + ": its answer is larger than 16384 bytes (oauth2.pkce.http.max-response-size)");
		assertThat(failure.mayHaveBeenProcessed()).isTrue();
	}

	@Test
	void refusalThatIsTooLargeIsARefusal() {
		String body = "{\"error\":\"invalid_grant\",\"trace\":\"" + "t".repeat(1_500_000) + "\"}";
		answer("HTTP/1.1 400 No\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
		TokenRequestException failure = catchThrowableOfType(TokenRequestException.class,
				() -> refresh(new ReactorClientHttpConnector(), Duration.ofSeconds(30)));
		assertThat(failure.kind()).isEqualTo(FailureKind.REJECTED);
	}

	// Encoding.

	@ParameterizedTest
	@MethodSource("connectors")
	void gzipThatNobodyAskedForAndNoHeaderTells(ClientHttpConnector connector) {
		body(gzip(TOKENS.getBytes(StandardCharsets.UTF_8)), "");
		assertTokens(connector);
	}

	@ParameterizedTest
	@MethodSource("connectors")
	void gzip(ClientHttpConnector connector) {
		body(gzip(TOKENS.getBytes(StandardCharsets.UTF_8)), "Content-Encoding: gzip\r\n");
		assertTokens(connector);
	}

	@ParameterizedTest
	@MethodSource("connectors")
	void gzipOfGzip(ClientHttpConnector connector) {
		body(gzip(gzip(TOKENS.getBytes(StandardCharsets.UTF_8))), "Content-Encoding: gzip\r\n");
		assertTokens(connector);
	}

	@ParameterizedTest
	@MethodSource("connectors")
	void gzipWithoutItsChecksum(ClientHttpConnector connector) {
		byte[] bytes = gzip(TOKENS.getBytes(StandardCharsets.UTF_8));
		body(Arrays.copyOf(bytes, bytes.length - 8), "Content-Encoding: gzip\r\n");
		assertTokens(connector);
	}

	@Test
	void gzipOfManyEmptyPartsIsNotFollowedForEver() {
		byte[] empty = gzip(new byte[0]);
		ByteArrayOutputStream parts = new ByteArrayOutputStream();
		for (int i = 0; i < 100_000; i++) {
			parts.writeBytes(empty);
		}
		assertThat(AnswerBody.text(parts.toByteArray(), HttpHeaders.EMPTY, 1 << 20)).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("connectors")
	void deflate(ClientHttpConnector connector) throws IOException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (OutputStream deflate = new DeflaterOutputStream(bytes)) {
			deflate.write(TOKENS.getBytes(StandardCharsets.UTF_8));
		}
		body(bytes.toByteArray(), "Content-Encoding: deflate\r\n");
		assertTokens(connector);
	}

	/** For connectors that unpack nothing themselves, as token traffic has them. */
	@Test
	void encodingThatIsNotThere() {
		for (String encoding : List.of("gzip", "deflate", "br", "identity", "utf-8", "")) {
			body(TOKENS.getBytes(StandardCharsets.UTF_8), "Content-Encoding: " + encoding + "\r\n");
			assertTokens(new JdkClientHttpConnector());
			body(TOKENS.getBytes(StandardCharsets.UTF_8), "Content-Encoding: " + encoding + "\r\n");
			assertTokens(new ReactorClientHttpConnector(HttpClient.create()));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "UTF-16", "UTF-16LE", "UTF-16BE", "UTF-8", "US-ASCII" })
	void charsetThatNoHeaderTells(String charset) {
		body(TOKENS.getBytes(Charset.forName(charset)), "Content-Type: application/json\r\n");
		assertTokens(new ReactorClientHttpConnector());
	}

	@ParameterizedTest
	@ValueSource(strings = { "application/json;charset=utf-16", "application/json;charset=nonsense", "text/html",
			"json", "application/json; charset=\"", "a/b/c", "" })
	void contentTypeThatIsWrong(String type) {
		body(TOKENS.getBytes(StandardCharsets.UTF_8), "Content-Type: " + type + "\r\n");
		assertTokens(new ReactorClientHttpConnector());
	}

	// Decoration.

	static Stream<String> decorated() {
		return Stream.of("\uFEFF" + TOKENS, "\r\n\r\n  " + TOKENS, ")]}'\n" + TOKENS, ")]}',\n" + TOKENS,
				TOKENS + "\n\n", TOKENS + TOKENS, TOKENS + "<!-- served by x -->", TOKENS + "\u0000",
				TOKENS.replace("}", ",}"), TOKENS.replace("}", ",\"note\":\"two\nlines\"}"),
				TOKENS.replace("300", "0300"), TOKENS.replace("300", "NaN"), TOKENS.replace("300", "null"),
				TOKENS.replace("300", "\"\""), TOKENS.replace("300", "\"3600 \""), TOKENS.replace("300", "3.6e3"),
				TOKENS.replace("300", "9".repeat(5000)), TOKENS.replace("300", "0." + "9".repeat(5000)),
				TOKENS.replace("300", "{\"a\":[" + "9".repeat(5000) + "]}"),
				TOKENS.replace("300", "1e" + "9".repeat(5000)),
				TOKENS.replace("}", ",\"" + "n".repeat(70_000) + "\":1}"),
				TOKENS.replace("{", "{\"refresh_token\":\"rt-0\",\"access_token\":null,"),
				TOKENS.replace("}", ",\"refresh_token\":null,\"error\":\"\"}"),
				TOKENS.replace("}", ",\"error\":\"none\",\"error_description\":\"ok\"}"),
				TOKENS.replace("}", ",\"error\":null}"), TOKENS.replace("}", ",\"error\":{}}"),
				TOKENS.replace("}", ",\"error\":\"\\u0007\"}"), TOKENS.replace("}", ",\"scope\":[\"a\",\"b\"]}"),
				TOKENS.replace("Bearer", "bearer"), TOKENS.replace("Bearer", "Bearer "), TOKENS.replace("Bearer", ""),
				TOKENS.replace("Bearer", " BEARER\\t"), TOKENS.replace("\"Bearer\"", "null"),
				TOKENS.replace("at-1", "at-1\\n"),
				"access_token=at-1&token_type=bearer&expires_in=300&refresh_token=rt-1&scope=a%20b");
	}

	@ParameterizedTest
	@MethodSource("decorated")
	void whatStandsAroundTheTokens(String body) {
		body(body);
		assertTokens(new ReactorClientHttpConnector());
	}

	/** Others that look like it are none: what protects is strict. */
	@ParameterizedTest
	@ValueSource(strings = { "[{\"access_token\":\"at-1\"}]", "<html>{\"access_token\":\"at-1\"}</html>",
			"\"access_token=at-1\"", "{\"data\":{\"access_token\":\"at-1\"}}", "<a href=\"?access_token=at-1&b=c\">" })
	void documentsOfOtherKindsAreNone(String body) {
		body(body);
		TokenRequestException failure = catchThrowableOfType(TokenRequestException.class,
				() -> refresh(new ReactorClientHttpConnector(), Duration.ofSeconds(30)));
		assertThat(failure.errorCode()).isEqualTo(Problem.INVALID_TOKEN_RESPONSE.code());
		assertThat(failure.mayHaveBeenProcessed()).isTrue();
		assertThat(failure).hasMessageNotContaining("at-1");
	}

	@Test
	void scopesAsAListAndAsAForm() {
		body(TOKENS.replace("}", ",\"scope\":[\"a\",\"b c\"]}"));
		assertThat(refresh(new ReactorClientHttpConnector(), Duration.ofSeconds(30)).scopes())
			.isEqualTo(Set.of("a", "b", "c"));
		body("access_token=at-1&scope=a%20b+c");
		assertThat(refresh(new ReactorClientHttpConnector(), Duration.ofSeconds(30)).scopes())
			.isEqualTo(Set.of("a", "b", "c"));
	}

	// What is lost.

	@Test
	void whoWasNotReachedHasDoneNothing() throws IOException {
		URI uri = uri();
		this.listener.close();
		AuthorizationServerUnreachableException failure = lost(new ReactorClientHttpConnector(),
				Duration.ofSeconds(30));
		assertThat(failure).hasMessage("POST " + uri + ": Connection refused");
		assertThat(failure.mayHaveBeenProcessed()).isFalse();
	}

	@ParameterizedTest
	@MethodSource("connectors")
	void whoWasSentTheFormMayHaveServedIt(ClientHttpConnector connector) {
		answer("");
		assertThat(lost(connector, Duration.ofSeconds(30)).mayHaveBeenProcessed()).isTrue();
	}

	@ParameterizedTest
	@MethodSource("connectors")
	void whoDoesNotAnswerInTimeMayHaveServedIt(ClientHttpConnector connector) {
		answer(new byte[0], false);
		AuthorizationServerUnreachableException failure = lost(connector, Duration.ofSeconds(1));
		assertThat(failure.mayHaveBeenProcessed()).isTrue();
		assertThat(failure).hasMessage("POST " + uri() + ": no complete answer within 1 s");
	}

	@Test
	void whatIsNoHttpMayHaveServedIt() {
		answer("SSH-2.0-OpenSSH_9.6\r\n\r\n");
		AuthorizationServerUnreachableException failure = lost(new ReactorClientHttpConnector(),
				Duration.ofSeconds(30));
		assertThat(failure.mayHaveBeenProcessed()).isTrue();
		assertThat(failure).hasMessageNotContaining("Exception").hasMessageNotContaining("SSH");
	}

	private void assertTokens(ClientHttpConnector connector) {
		TokenResponse response = refresh(connector, Duration.ofSeconds(30));
		assertThat(response.accessToken()).isEqualTo("at-1");
		assertThat(response.refreshToken()).isEqualTo("rt-1");
	}

	private AuthorizationServerUnreachableException lost(ClientHttpConnector connector, Duration timeout) {
		AuthorizationServerUnreachableException failure = catchThrowableOfType(
				AuthorizationServerUnreachableException.class, () -> refresh(connector, timeout));
		assertThat(failure).isNotNull();
		return failure;
	}

	private TokenResponse refresh(ClientHttpConnector connector, Duration timeout) {
		return refresh(client(connector, timeout, DataSize.ofMegabytes(1)));
	}

	private TokenResponse refresh(AuthorizationServerClient client) {
		return new TokenEndpoint(client).refresh(this.provider, uri(), "rt-0");
	}

	private static AuthorizationServerClient client(ClientHttpConnector connector, Duration timeout, DataSize limit) {
		WebClient webClient = WebClient.builder().clientConnector(connector).build();
		return new AuthorizationServerClient((any) -> webClient, List.of(), timeout, limit);
	}

	private URI uri() {
		return URI.create("http://127.0.0.1:" + this.listener.getLocalPort() + "/token");
	}

	private void body(String body) {
		body(body.getBytes(StandardCharsets.UTF_8), "");
	}

	private void body(byte[] body, String headers) {
		byte[] head = ("HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + body.length + "\r\n\r\n")
			.getBytes(StandardCharsets.UTF_8);
		byte[] answer = Arrays.copyOf(head, head.length + body.length);
		System.arraycopy(body, 0, answer, head.length, body.length);
		answer(answer, true);
	}

	private void answer(String answer) {
		answer(answer.getBytes(StandardCharsets.UTF_8), true);
	}

	/** Answers the next connection. */
	private void answer(byte[] answer, boolean close) {
		Thread thread = new Thread(() -> serve(answer, close), "raw-server");
		thread.setDaemon(true);
		thread.start();
	}

	private void serve(byte[] answer, boolean close) {
		try (Socket socket = this.listener.accept()) {
			InputStream input = socket.getInputStream();
			byte[] buffer = new byte[8192];
			StringBuilder request = new StringBuilder();
			while (request.indexOf("refresh_token=rt-0") < 0) {
				request.append(new String(buffer, 0, Math.max(0, input.read(buffer)), StandardCharsets.US_ASCII));
			}
			socket.getOutputStream().write(answer);
			socket.getOutputStream().flush();
			int more = close ? -1 : input.read();
			while (more >= 0) {
				more = input.read();
			}
		}
		catch (IOException ex) {
			// The client has gone.
		}
	}

	private static byte[] gzip(byte[] bytes) {
		ByteArrayOutputStream packed = new ByteArrayOutputStream();
		try (OutputStream gzip = new GZIPOutputStream(packed)) {
			gzip.write(bytes);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		return packed.toByteArray();
	}

}
