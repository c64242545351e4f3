package io.github.oauth2pkce.login;

import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static io.github.oauth2pkce.login.LoginWorld.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class LoopbackLoginTests {

	private final LoginWorld world = new LoginWorld();

	@AfterEach
	void close() {
		this.world.close();
	}

	@Test
	void cancelIsNotLostInAnOpenerThatSwallowsInterrupts() throws Exception {
		CountDownLatch opening = new CountDownLatch(1);
		Login login = this.world.startWithBrowser((page) -> {
			opening.countDown();
			try {
				this.world.hold().await();
			}
			catch (InterruptedException ex) {
				// As careless openers do.
			}
			return true;
		}).start("demo");
		opening.await();
		login.cancel();
		assertThat(failureOf(login.completion()).outcome()).isEqualTo(LoginOutcome.CANCELLED);
	}

	@Test
	void loginOutlivesAnOpenerThatLacksAClass() throws Exception {
		CountDownLatch opening = new CountDownLatch(1);
		Login login = this.world.startWithBrowser((page) -> {
			opening.countDown();
			throw new NoClassDefFoundError("java/awt/Desktop");
		}).start("demo");
		opening.await();
		login.cancel();
		assertThat(failureOf(login.completion()).outcome()).isEqualTo(LoginOutcome.CANCELLED);
		assertThat(this.world.told()).contains("ended cancelled");
	}

}
