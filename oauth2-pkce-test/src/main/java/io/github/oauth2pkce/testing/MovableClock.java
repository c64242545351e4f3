package io.github.oauth2pkce.testing;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * A clock that stands still until a test moves it. Safe for use by many threads.
 */
public final class MovableClock extends Clock {

	private final Hand hand;

	private final ZoneId zone;

	/**
	 * Creates a clock in UTC.
	 * @param start what it shows at first
	 */
	public MovableClock(Instant start) {
		this(new Hand(start), ZoneOffset.UTC);
	}

	private MovableClock(Hand hand, ZoneId zone) {
		this.hand = hand;
		this.zone = zone;
	}

	/**
	 * Moves it on, or back by a negative duration.
	 */
	public void advance(Duration duration) {
		this.hand.advance(duration);
	}

	/**
	 * Moves it to an instant.
	 */
	public void set(Instant instant) {
		this.hand.now = instant;
	}

	@Override
	public Instant instant() {
		return this.hand.now;
	}

	@Override
	public ZoneId getZone() {
		return this.zone;
	}

	/**
	 * The same clock in another zone: moving one moves the other.
	 */
	@Override
	public Clock withZone(ZoneId zone) {
		return new MovableClock(this.hand, zone);
	}

	@Override
	public String toString() {
		return "MovableClock[" + instant() + "," + this.zone + "]";
	}

	/** What the clocks of all zones show. */
	private static final class Hand {

		private volatile Instant now;

		Hand(Instant now) {
			this.now = now;
		}

		private synchronized void advance(Duration duration) {
			this.now = this.now.plus(duration);
		}

	}

}
