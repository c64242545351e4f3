package io.github.oauth2pkce.testing;

import java.time.Duration;

/**
 * How device logins behave.
 */
public final class DeviceSettings {

	private final JsonMembers answer = new JsonMembers();

	private volatile Duration lifetime = Duration.ofMinutes(10);

	private volatile Duration interval = Duration.ofSeconds(1);

	private volatile boolean intervalEnforced;

	private volatile boolean approvedAtOnce;

	DeviceSettings() {
	}

	/**
	 * Members of the device authorization answer to add, change or leave out. That
	 * changes only what the client is told, not what the server does.
	 */
	public JsonMembers answer() {
		return this.answer;
	}

	public DeviceSettings lifetime(Duration lifetime) {
		this.lifetime = lifetime;
		return this;
	}

	public DeviceSettings interval(Duration interval) {
		this.interval = interval;
		return this;
	}

	/**
	 * Answer {@code slow_down} to polls that come sooner than the interval, by the
	 * server's clock. As in Keycloak that does not raise the interval, and the first poll
	 * counts from the device authorization.
	 */
	public DeviceSettings enforceInterval() {
		this.intervalEnforced = true;
		return this;
	}

	/**
	 * Let the user approve before the client's first poll.
	 */
	public DeviceSettings approveAtOnce() {
		this.approvedAtOnce = true;
		return this;
	}

	Duration lifetime() {
		return this.lifetime;
	}

	Duration interval() {
		return this.interval;
	}

	boolean isIntervalEnforced() {
		return this.intervalEnforced;
	}

	boolean isApprovedAtOnce() {
		return this.approvedAtOnce;
	}

}
