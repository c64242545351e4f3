package io.github.oauth2pkce.token;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.concurrent.TimeoutException;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.client.WebClientRequestException;

import static org.assertj.core.api.Assertions.assertThat;

class TransportProblemTests {

	@Test
	void unknownHostIsNamed() {
		assertThat(problem(new UnknownHostException("sso.example.com"))).isEqualTo("unknown host: sso.example.com");
	}

	@Test
	void certificateThatNobodyTrustsIsToldAsTheHandshakeTellsIt() {
		Exception handshake = new SSLHandshakeException("PKIX path building failed: no path");
		handshake.initCause(new CertificateException("no path"));
		assertThat(problem(new IOException("wrapped", handshake)))
			.isEqualTo("no TLS connection: PKIX path building failed: no path");
	}

	@Test
	void resetConnectionIsTold() {
		assertThat(problem(new SocketException("Connection reset"))).isEqualTo("Connection reset");
	}

	/** As Netty has them, whose address says nothing new. */
	@ParameterizedTest
	@ValueSource(strings = { "Connection refused: localhost/127.0.0.1:9",
			"finishConnect(..) failed with error(-111): Connection refused: /127.0.0.1:9101" })
	void refusedConnectionIsToldWithoutNumbers(String message) {
		assertThat(problem(new ConnectException(message) {
		})).isEqualTo("Connection refused");
	}

	/** Netty's sockets on Linux, which it takes where it can. */
	@Test
	void resetConnectionOfNettyIsToldAsOthersAre() {
		assertThat(problem(new NativeIoException("recvAddress(..) failed with error(-104): Connection reset by peer")))
			.isEqualTo("Connection reset");
	}

	/** As the JDK's client has them. */
	@Test
	void failureWithoutWordsIsToldByItsCause() {
		Exception silent = new ConnectException();
		assertThat(problem(silent)).isEqualTo("no connection");
		silent.initCause(new ConnectException().initCause(new UnresolvedAddressException()));
		assertThat(problem(silent)).isEqualTo("unknown host");
	}

	/** Netty speaks of the handshake, and of the proxy below it. */
	@Test
	void proxyThatWantsAPasswordIsNamed() {
		Exception handshake = new SSLException("failure when writing TLS control frames");
		handshake.initCause(new ProxyConnectException(
				"http, none, proxy/127.0.0.1:3128 => idp:443, status: 407 Proxy Authentication Required"));
		assertThat(problem(handshake))
			.isEqualTo("the proxy wants a user name and password: 407 Proxy Authentication Required");
	}

	@Test
	void proxyThatRefusesIsNamed() {
		assertThat(problem(new ProxyConnectException("http, none, p/127.0.0.1:3128 => idp:443, status: 403 Forbidden")))
			.isEqualTo("the proxy refused the connection: 403 Forbidden");
	}

	@Test
	void whatCouldQuoteAnAnswerIsNotRepeated() {
		assertThat(problem(new IOException("Invalid status line: {\"access_token\":\"at-1234567890\"}")))
			.isEqualTo("no answer that can be read");
	}

	@Test
	void answerThatBrokeOffIsToldFromOneThatNeverCame() {
		assertThat(TransportProblem.of(new IOException("fixed content-length: 99, bytes received: 9"), true))
			.isEqualTo("its answer broke off, or cannot be read");
	}

	/** A certificate is the server's text, too. */
	@Test
	void wordsAreCappedAndPrintable() {
		assertThat(problem(new SSLHandshakeException("No name \u001B[2J\n" + "x".repeat(5000))))
			.startsWith("no TLS connection: No name [2Jxxx")
			.hasSizeLessThan(300);
	}

	@Test
	void nothingWasSentWithoutAConnection() {
		for (Exception failure : List.of(new ConnectException(), new UnknownHostException("a"),
				new SSLHandshakeException("no"), new IOException(new UnresolvedAddressException()),
				new ProxyConnectException("status: 407"))) {
			assertThat(TransportProblem.isBeforeRequest(new IOException(failure))).as(failure.toString()).isTrue();
		}
		for (Exception failure : List.of(new SocketException("Connection reset"), new IOException(),
				new TimeoutException(), new SSLException("bad record"))) {
			assertThat(TransportProblem.isBeforeRequest(new IOException(failure))).as(failure.toString()).isFalse();
		}
	}

	private static String problem(Exception cause) {
		return TransportProblem.of(
				new WebClientRequestException(cause, HttpMethod.POST, URI.create("https://a/"), new HttpHeaders()),
				false);
	}

	private static final class NativeIoException extends IOException {

		private static final long serialVersionUID = 1L;

		NativeIoException(String message) {
			super(message);
		}

	}

	/** As Netty's has it. */
	private static final class ProxyConnectException extends ConnectException {

		private static final long serialVersionUID = 1L;

		ProxyConnectException(String message) {
			super(message);
		}

	}

}
