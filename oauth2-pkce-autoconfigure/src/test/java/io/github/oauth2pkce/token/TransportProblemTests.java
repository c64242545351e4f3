package io.github.oauth2pkce.token;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

import org.junit.jupiter.api.Test;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.client.WebClientRequestException;

import static org.assertj.core.api.Assertions.assertThat;

class TransportProblemTests {

	@Test
	void unknownHostIsNamed() {
		assertThat(problem(new UnknownHostException("sso.example.com")))
			.isEqualTo("UnknownHostException: sso.example.com");
	}

	@Test
	void certificateThatNobodyTrustsIsToldAsTheHandshakeTellsIt() {
		Exception handshake = new SSLHandshakeException("PKIX path building failed: no path");
		handshake.initCause(new CertificateException("no path"));
		assertThat(problem(new IOException("wrapped", handshake)))
			.isEqualTo("SSLHandshakeException: PKIX path building failed: no path");
	}

	@Test
	void resetConnectionIsTold() {
		assertThat(problem(new SocketException("Connection reset"))).isEqualTo("SocketException: Connection reset");
	}

	/** As Netty has it, when a proxy wants a password. */
	@Test
	void whatKeptTheConnectionFromTheHandshakeIsToldAndNotTheHandshake() {
		Exception proxy = new ConnectException(
				"http, none, /10.0.0.1:3128 => a:443, status: 407 Proxy Authentication Required");
		assertThat(problem((Exception) new SSLException("failure when writing TLS control frames").initCause(proxy)))
			.isEqualTo(
					"ConnectException: http, none, /10.0.0.1:3128 => a:443, status: 407 Proxy Authentication Required");
	}

	/** As Netty has them. */
	@Test
	void clientsOwnSubclassHasTheNameThatPeopleKnow() {
		assertThat(problem(new ConnectException("Connection refused: localhost/127.0.0.1:9") {
		})).isEqualTo("ConnectException: Connection refused: localhost/127.0.0.1:9");
	}

	/** Netty's sockets on Linux, which it takes where it can. */
	@Test
	void resetConnectionOfNettyIsToldAsOthersAre() {
		assertThat(problem(new NativeIoException("recvAddress(..) failed with error(-104): Connection reset by peer")))
			.isEqualTo("SocketException: recvAddress(..) failed with error(-104): Connection reset by peer");
	}

	/** As the JDK's client has them. */
	@Test
	void failureWithoutWordsHasTheNameOfItsCause() {
		Exception silent = new ConnectException();
		assertThat(problem(silent)).isEqualTo("ConnectException");
		silent.initCause(new ConnectException().initCause(new UnresolvedAddressException()));
		assertThat(problem(silent)).isEqualTo("ConnectException: UnresolvedAddressException");
	}

	@Test
	void whatCouldQuoteAnAnswerIsNotRepeated() {
		assertThat(problem(new IOException("Invalid status line: {\"access_token\":\"at-1234567890\"}")))
			.isEqualTo("IOException");
	}

	/** A certificate is the server's text, too. */
	@Test
	void wordsAreCappedAndPrintable() {
		assertThat(problem(new SSLHandshakeException("No name \u001B[2J\n" + "x".repeat(5000))))
			.startsWith("SSLHandshakeException: No name [2Jxxx")
			.hasSizeLessThan(300);
	}

	private static String problem(Exception cause) {
		return TransportProblem
			.of(new WebClientRequestException(cause, HttpMethod.POST, URI.create("https://a/"), new HttpHeaders()));
	}

	private static final class NativeIoException extends IOException {

		private static final long serialVersionUID = 1L;

		NativeIoException(String message) {
			super(message);
		}

	}

}
