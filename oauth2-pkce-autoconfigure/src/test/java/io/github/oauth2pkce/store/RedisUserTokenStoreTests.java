package io.github.oauth2pkce.store;

import java.io.IOException;
import java.nio.file.Files;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.docs.Page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** A user of Redis who may do what the page about stores lists, and nothing else. */
class RedisUserTokenStoreTests extends SharedTokenStoreContractTests {

	RedisUserTokenStoreTests() {
		super(SharedStores.redisAsUser());
	}

	@Override
	Leases leases() {
		return new RedisLeases(
				new RedisCommands(((SharedStores.Redis) stores()).connections(), SharedStores.NAMESPACE));
	}

	@Test
	void pageNamesTheCommandsThatTheUserMay() throws IOException {
		String page = Files.readString(Page.ROOT.resolve("docs/stores.md")).replaceAll("\\s+", " ");
		assertThat(page).contains(SharedStores.Redis.COMMANDS.stream()
			.skip(2)
			.map((command) -> "`" + command + "`")
			.collect(Collectors.joining(", ")));
	}

	@Test
	void userMayNoMore() {
		RedisCommands redis = new RedisCommands(((SharedStores.Redis) stores()).connections(),
				new Namespace("billing", (any) -> true));
		assertThatExceptionOfType(TokenStoreException.class)
			.isThrownBy(() -> redis.run((template) -> template.opsForValue().get(redis.name("probe"))))
			.withMessageContaining("NOPERM");
	}

}
