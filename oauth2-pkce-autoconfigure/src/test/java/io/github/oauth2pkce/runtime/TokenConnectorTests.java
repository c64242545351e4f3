package io.github.oauth2pkce.runtime;

import java.io.Closeable;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@Timeout(30)
class TokenConnectorTests {

	private final Connector first = new Connector();

	private final Connector second = new Connector();

	private final Deque<ClientHttpConnector> supply = new ArrayDeque<>(List.of(this.first, this.second));

	private TokenConnector connector(Duration patience) {
		return new TokenConnector(() -> {
			if (this.supply.isEmpty()) {
				throw new IllegalStateException("no more");
			}
			return this.supply.remove();
		}, patience);
	}

	private static void connect(TokenConnector connector) {
		connector.connect(HttpMethod.GET, URI.create("https://login.example.com/"), (request) -> Mono.empty());
	}

	@Test
	void closesTheOldConnectorWhenNobodyWaitsForItAnyMore() throws InterruptedException {
		TokenConnector connector = connector(Duration.ofMillis(1));
		connect(connector);
		connector.reload();
		connect(connector);
		assertThat(this.first.closed.await(20, TimeUnit.SECONDS)).isTrue();
		assertThat(this.second.closed.getCount()).isOne();
		assertThat(this.second.connected).isOne();
	}

	@Test
	void requestsThatHaveBegunKeepTheOldConnector() {
		TokenConnector connector = connector(Duration.ofHours(1));
		connect(connector);
		connector.reload();
		assertThat(this.first.closed.getCount()).isOne();
	}

	@Test
	void keepsTheOldConnectorIfThereIsNoNewOne() {
		TokenConnector connector = connector(Duration.ofHours(1));
		connect(connector);
		this.supply.clear();
		assertThatIllegalStateException().isThrownBy(connector::reload);
		connect(connector);
		assertThat(this.first.connected).isEqualTo(2);
	}

	/** Its keys are files, and nobody reads files while a login is locked. */
	@Test
	void canBeMadeBeforeItIsUsed() {
		TokenConnector connector = connector(Duration.ofHours(1));
		connector.open();
		this.supply.clear();
		connect(connector);
		assertThat(this.first.connected).isOne();
	}

	@Test
	void isMadeWhenItIsFirstUsedAndNotBefore() {
		connector(Duration.ofHours(1)).reload();
		assertThat(this.supply).hasSize(2);
	}

	@Test
	void closesWhatItHasMade() {
		TokenConnector connector = connector(Duration.ofHours(1));
		connect(connector);
		connector.close();
		assertThat(this.first.closed.getCount()).isZero();
	}

	private static final class Connector implements ClientHttpConnector, Closeable {

		private final CountDownLatch closed = new CountDownLatch(1);

		private int connected;

		@Override
		public Mono<ClientHttpResponse> connect(HttpMethod method, URI uri,
				Function<? super ClientHttpRequest, Mono<Void>> callback) {
			this.connected++;
			return Mono.empty();
		}

		@Override
		public void close() {
			this.closed.countDown();
		}

	}

}
