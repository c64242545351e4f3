package io.github.oauth2pkce.spring;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.store.TokenStore;
import io.github.oauth2pkce.testing.Browser;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Fifty browsers that log in to an application at the same moment, then let it call the
 * API at the same moment, and once more when the API has refused all tokens.
 */
final class FiftyUsers {

	private static final int USERS = 50;

	private FiftyUsers() {
	}

	static void logInAndCall(WebLoginWorld application, String provider, List<String> ways) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(USERS);
		try {
			List<Browser> browsers = Stream.generate(Browser::new).limit(USERS).toList();
			together(threads, (user) -> {
				application.signIn(browsers.get(user), provider, name(user));
				return "";
			});
			call(threads, application, browsers, ways);
			application.server().invalidateAccessTokens();
			call(threads, application, browsers, ways);
			List<String> tokens = new ArrayList<>();
			for (String name : names()) {
				Credential stored = application.bean(TokenStore.class).load(new CredentialId(provider, name));
				assertThat(stored.refreshedAt()).as(name).isNotNull();
				tokens.add(stored.accessToken());
			}
			assertThat(tokens).doesNotHaveDuplicates();
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static void call(ExecutorService threads, WebLoginWorld application, List<Browser> browsers,
			List<String> ways) throws Exception {
		for (String way : ways) {
			List<String> subjects = together(threads,
					(user) -> browsers.get(user).get(application.uri("/call/" + way)).body());
			assertThat(subjects).isEqualTo(names());
		}
	}

	private static String name(int user) {
		return "user-" + user;
	}

	private static List<String> names() {
		return IntStream.range(0, USERS).mapToObj(FiftyUsers::name).toList();
	}

	private static List<String> together(ExecutorService threads, Work work) throws Exception {
		CyclicBarrier start = new CyclicBarrier(USERS);
		List<Callable<String>> tasks = new ArrayList<>();
		for (int i = 0; i < USERS; i++) {
			int user = i;
			tasks.add(() -> {
				start.await(20, TimeUnit.SECONDS);
				return work.of(user);
			});
		}
		List<String> results = new ArrayList<>();
		for (Future<String> result : threads.invokeAll(tasks)) {
			results.add(result.get());
		}
		return results;
	}

	private interface Work {

		String of(int user) throws Exception;

	}

}
