package io.github.oauth2pkce.sample.headless;

import java.io.PrintStream;
import java.util.List;
import java.util.function.Predicate;

import io.github.oauth2pkce.sample.wire.Exchange;
import io.github.oauth2pkce.sample.wire.Exchange.Kind;
import io.github.oauth2pkce.sample.wire.WireAccount;
import org.jspecify.annotations.Nullable;

/**
 * The one-page account of a headless run, and whether it went as it should.
 */
final class Verdict {

	private final WireAccount account;

	private final boolean mcp;

	private final @Nullable String problem;

	private final StringBuilder findings = new StringBuilder();

	private boolean good = true;

	Verdict(WireAccount account, boolean mcp, @Nullable String problem) {
		this.account = account;
		this.mcp = mcp;
		this.problem = problem;
	}

	boolean print(PrintStream out) {
		judge();
		out.println();
		out.println("What the authorization server and its API saw");
		out.println();
		out.print(this.account.describe());
		out.println();
		out.print(this.findings);
		out.println();
		out.println(this.good ? "All as it should be." : "NOT as it should be.");
		out.flush();
		return this.good;
	}

	private void judge() {
		if (this.mcp) {
			List<Exchange> registrations = this.account.exchanges(Kind.REGISTRATION);
			finding(registrations.size() == 1 && all(registrations, Exchange::succeeded),
					"one registration, over two starts (%d)", registrations.size());
		}
		List<Exchange> logins = this.account.exchanges(Kind.DEVICE_AUTHORIZATION);
		finding(logins.size() == 1 && all(logins, Exchange::succeeded) && all(logins, Exchange::proof),
				"one login, over two starts, its request with an S256 code challenge (%d)", logins.size());
		List<Exchange> polls = this.account.exchanges(Kind.POLL);
		finding(!polls.isEmpty() && all(polls, Exchange::proof) && count(polls, Exchange::succeeded) == 1,
				"%d polls, each with the verifier, the last one answered with tokens", polls.size());
		finding(all(polls, (poll) -> poll.succeeded() || "authorization_pending".equals(poll.error())),
				"no poll came too early or was refused");
		List<Exchange> refreshes = this.account.exchanges(Kind.REFRESH);
		finding(refreshes.size() >= 3 && all(refreshes, Exchange::rotated),
				"%d refreshes, each refresh token used once and replaced", refreshes.size());
		finding(!refreshes.isEmpty() && all(refreshes, (refresh) -> !refresh.proof()), "no verifier on a refresh");
		String name = this.mcp ? "MCP requests" : "API calls";
		List<Exchange> calls = this.account.exchanges(this.mcp ? Kind.MCP : Kind.API);
		long bearers = count(calls, Exchange::bearer);
		finding(bearers > 0 && count(calls, (call) -> call.bearer() && call.succeeded()) == bearers,
				"%d %s with a bearer, all answered", bearers, name);
		List<Exchange> beforeLogin = calls.stream().takeWhile((call) -> !call.bearer()).toList();
		finding(all(beforeLogin, (call) -> call.status() == 401),
				"%d %s without a bearer before the login, all refused", beforeLogin.size(), name);
		finding(calls.size() - beforeLogin.size() == bearers, "not one without a bearer after it, over the restart");
		if (this.problem != null) {
			finding(false, "%s", this.problem);
		}
	}

	private void finding(boolean as, String text, Object... arguments) {
		this.good &= as;
		this.findings.append(as ? "  [ok]  " : "  [NOT] ").append(text.formatted(arguments)).append('\n');
	}

	private static boolean all(List<Exchange> exchanges, Predicate<Exchange> condition) {
		return exchanges.stream().allMatch(condition);
	}

	private static long count(List<Exchange> exchanges, Predicate<Exchange> condition) {
		return exchanges.stream().filter(condition).count();
	}

}
