package io.github.oauth2pkce.sample.wire;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import io.github.oauth2pkce.sample.wire.Exchange.Kind;
import org.jspecify.annotations.Nullable;

/**
 * The latest exchanges, in order, with headings between them. Thread-safe; outlives a
 * restart of the authorization server within one process.
 */
public final class WireAccount {

	private static final int CAPACITY = 500;

	private final Instant opened = Instant.now();

	private final Deque<Entry> entries = new ArrayDeque<>();

	public synchronized void heading(String text) {
		add(new Entry(text, null));
	}

	public synchronized List<Exchange> exchanges(Kind kind) {
		List<Exchange> found = new ArrayList<>();
		for (Entry entry : this.entries) {
			if (entry.exchange() != null && entry.exchange().kind() == kind) {
				found.add(entry.exchange());
			}
		}
		return found;
	}

	/**
	 * Returns the account as text, neighbours that say the same counted in one line.
	 * @return lines of text
	 */
	public synchronized String describe() {
		StringBuilder text = new StringBuilder();
		Entry first = null;
		int count = 0;
		for (Entry entry : this.entries) {
			if (first != null && first.text().equals(entry.text())) {
				count++;
				continue;
			}
			append(text, first, count);
			first = entry;
			count = 1;
		}
		append(text, first, count);
		return text.toString();
	}

	Duration elapsed() {
		return Duration.between(this.opened, Instant.now());
	}

	synchronized void record(Exchange exchange) {
		add(new Entry(exchange.describe(), exchange));
	}

	private void add(Entry entry) {
		if (this.entries.size() == CAPACITY) {
			this.entries.removeFirst();
		}
		this.entries.addLast(entry);
	}

	private static void append(StringBuilder text, @Nullable Entry entry, int count) {
		if (entry == null) {
			return;
		}
		Exchange exchange = entry.exchange();
		if (exchange == null) {
			text.append("  -- ").append(entry.text()).append('\n');
			return;
		}
		text.append("  %6.1f s  %s%s%n".formatted(exchange.at().toMillis() / 1000.0, entry.text(),
				(count > 1) ? "  (x " + count + ")" : ""));
	}

	private record Entry(String text, @Nullable Exchange exchange) {

	}

}
