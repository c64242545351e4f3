package io.github.oauth2pkce.testing;

/**
 * A device login that waits for its user (RFC 8628): the test does what the user would do
 * at the verification page. Safe for use by many threads.
 */
public final class FakeDeviceLogin {

	private final FakeAuthorizationServer server;

	private final String userCode;

	FakeDeviceLogin(FakeAuthorizationServer server, String userCode) {
		this.server = server;
		this.userCode = userCode;
	}

	/**
	 * The code that the application shows.
	 */
	public String userCode() {
		return this.userCode;
	}

	/**
	 * Enter the code, and grant.
	 */
	public void approve() {
		this.server.approve(this.userCode);
	}

	/**
	 * Enter the code as this user, and grant.
	 */
	public void approveAs(String subject) {
		this.server.approve(this.userCode, subject);
	}

	/**
	 * Enter the code, and refuse: the client gets {@code access_denied}.
	 */
	public void deny() {
		this.server.deny(this.userCode);
	}

	/**
	 * Let the code end before its time: the client gets {@code expired_token}.
	 */
	public void expire() {
		this.server.expire(this.userCode);
	}

	/**
	 * Answer {@code slow_down} to the next polls.
	 */
	public void slowDown(int polls) {
		this.server.slowDown(this.userCode, polls);
	}

	@Override
	public String toString() {
		return "FakeDeviceLogin[" + this.userCode + "]";
	}

}
