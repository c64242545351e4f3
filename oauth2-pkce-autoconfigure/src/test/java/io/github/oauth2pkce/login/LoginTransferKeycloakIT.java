package io.github.oauth2pkce.login;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import io.github.oauth2pkce.keycloak.KeycloakBrowser;
import io.github.oauth2pkce.keycloak.KeycloakExtension;
import io.github.oauth2pkce.keycloak.KeycloakServer;
import io.github.oauth2pkce.login.LoginTransfers.Step;
import io.github.oauth2pkce.store.SharedStores;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One login of a real Keycloak, whose refresh tokens work once, travels between a laptop
 * with files, a PostgreSQL and a Redis. In each round {@code kill -9} ends the process
 * that moves it: after each step in turn, then after a random one, or at a random moment.
 * Everybody then refreshes at Keycloak, before and after the command is run again: always
 * at most one can, and at the end exactly one. A login that was lost or doubled would end
 * all later rounds, as Keycloak ends it when a token comes twice. How often is
 * {@code -Dtransfers=}, from which seed {@code -Dtransfers.seed=}.
 */
@ExtendWith(KeycloakExtension.class)
class LoginTransferKeycloakIT {

	private static final Step[] STEPS = Step.values();

	private static final int ROUNDS = Integer.getInteger("transfers", STEPS.length);

	private final KeycloakServer keycloak;

	private final KeycloakBrowser browser;

	private final long seed = Long.getLong("transfers.seed", System.nanoTime());

	private final Random random = new Random(this.seed);

	private final List<Machine> machines = new ArrayList<>();

	private final Map<String, Integer> kills = new TreeMap<>();

	private int places;

	@TempDir
	private Path directory;

	private Path file = Path.of("");

	LoginTransferKeycloakIT(KeycloakServer keycloak, KeycloakBrowser browser) {
		this.keycloak = keycloak;
		this.browser = browser;
	}

	@AfterEach
	void stop() {
		this.machines.forEach((machine) -> machine.process.close());
	}

	@Test
	void loginThatTravelsIsNeitherLostNorDoubledWhateverIsKilled() throws Exception {
		this.file = Files.createDirectory(this.directory.resolve("way")).resolve("tools.jwe");
		for (String store : List.of(this.directory.resolve("laptop").toUri().toString(), SharedStores.postgres().url(),
				SharedStores.redis().url())) {
			this.machines.add(new Machine(store));
		}
		Machine owner = this.machines.get(0);
		this.browser.approve(owner.process.ask("login"), "alice", "alice-pw");
		assertThat(owner.process.receive()).isEqualTo("ok");
		for (int round = 0; round < ROUNDS; round++) {
			Step step = (round < STEPS.length * 2) ? STEPS[round % STEPS.length] : randomStep();
			owner = round(owner, step);
			assertThat(refreshed()).as("who has the login after round " + round + " of " + this).containsExactly(owner);
			assertThat(files()).as("what is left after round " + round + " of " + this).isEmpty();
		}
		System.out.println("logins on their way: " + ROUNDS + " moves, killed after " + this.kills
				+ ", which left the login in no place until the command was run again " + this.places
				+ " times; lost 0, doubled 0, seed: " + this.seed);
	}

	/**
	 * Moves the login from its owner to the next machine, and kills one of them.
	 * @return who has it then
	 */
	private Machine round(Machine owner, @Nullable Step step) throws Exception {
		Machine target = after(owner);
		boolean exporting = (step != null) ? step.compareTo(Step.IMPORT_MARKED) < 0 : this.random.nextBoolean();
		String export = "export " + this.file;
		if (exporting) {
			kill(owner, step, export);
			assertNothingIsDoubled(target);
			// A killed one of which nothing was left to do says so.
			assertThat(owner.process.ask(export).equals("ok") || Files.exists(this.file)).as(toString()).isTrue();
		}
		else {
			assertThat(owner.process.ask(export)).as(toString()).isEqualTo("ok");
			kill(target, step, "import " + this.file);
			assertNothingIsDoubled(target);
		}
		return importTo(target, after(target));
	}

	/** Another machine tries first now and then. */
	private Machine importTo(Machine target, Machine other) throws Exception {
		String command = "import " + this.file;
		boolean taken = this.random.nextInt(3) == 0 && other.process.ask(command).equals("ok");
		boolean moved = target.process.ask(command).equals("ok") || target.process.ask("refresh").equals("refreshed");
		assertThat(moved).as(toString()).isEqualTo(!taken);
		return taken ? other : target;
	}

	private void kill(Machine machine, @Nullable Step step, String command) throws Exception {
		if (step != null) {
			assertThat(machine.process.ask("halt " + step)).isEqualTo("ok");
			assertThat(machine.process.ask(command)).isEqualTo("halted");
		}
		else {
			machine.process.send(command);
			// A wait that is meant: the moment is what is random.
			new CountDownLatch(1).await(this.random.nextInt(60), TimeUnit.MILLISECONDS);
		}
		machine.process.kill();
		this.kills.merge((step != null) ? step.name() : "a random moment of " + command.split(" ")[0], 1, Integer::sum);
		machine.start();
	}

	/** A copy that somebody can use, or take, would be used here, and then taken. */
	private void assertNothingIsDoubled(Machine target) throws Exception {
		List<Machine> refreshed = refreshed();
		int found = refreshed.size() + (Files.exists(this.file) ? 1 : 0);
		// After the login was saved, the file has another name, which nobody else takes.
		assertThat(found).as("places of the login while its move is interrupted, of " + this).isLessThanOrEqualTo(1);
		this.places += 1 - found;
	}

	/** Whose refresh token Keycloak takes. */
	private List<Machine> refreshed() throws Exception {
		List<Machine> refreshed = new ArrayList<>();
		for (Machine machine : this.machines) {
			String answer = machine.process.ask("refresh");
			assertThat(answer).as("a refresh, of " + this).isIn("refreshed", "nobody");
			if (answer.equals("refreshed")) {
				refreshed.add(machine);
			}
		}
		return refreshed;
	}

	private @Nullable Step randomStep() {
		return this.random.nextBoolean() ? STEPS[this.random.nextInt(STEPS.length)] : null;
	}

	private Machine after(Machine machine) {
		return this.machines.get((this.machines.indexOf(machine) + 1) % this.machines.size());
	}

	/**
	 * But for unfinished exports, which are no logins and have no names that are used.
	 */
	private List<Path> files() throws IOException {
		try (var files = Files.list(this.file.resolveSibling("."))) {
			return files.filter((path) -> !path.toString().endsWith(".part")).toList();
		}
	}

	@Override
	public String toString() {
		return this.kills + ", seed " + this.seed;
	}

	private final class Machine {

		private final String store;

		private TransferProcess.Handle process;

		Machine(String store) throws IOException {
			this.store = store;
			this.process = started();
		}

		void start() throws IOException {
			this.process = started();
		}

		private TransferProcess.Handle started() throws IOException {
			TransferProcess.Handle started = new TransferProcess.Handle(LoginTransferKeycloakIT.this.keycloak.issuer(),
					"device-pkce", this.store);
			assertThat(started.receive()).isEqualTo("ready");
			return started;
		}

		@Override
		public String toString() {
			return this.store;
		}

	}

}
