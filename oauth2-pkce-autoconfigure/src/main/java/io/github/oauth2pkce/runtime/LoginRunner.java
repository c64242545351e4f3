package io.github.oauth2pkce.runtime;

import io.github.oauth2pkce.login.ProcessEnd;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;

/**
 * Logs in before a program's own runners, which then find a token.
 * {@link PriorityOrdered}, because a runner of the program with the same order could come
 * first.
 */
public final class LoginRunner implements ApplicationRunner, PriorityOrdered {

	private final Startup startup;

	public LoginRunner(Startup startup) {
		this.startup = startup;
	}

	@Override
	public void run(ApplicationArguments arguments) {
		this.startup.logIn().join();
		// After Ctrl-C during a login the other runners have nothing to do.
		ProcessEnd.await();
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

}
