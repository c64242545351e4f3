package io.github.oauth2pkce.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.jspecify.annotations.Nullable;

/**
 * The device logins that wait for a user, by device code.
 */
final class DeviceLogins {

	private enum State {

		PENDING, APPROVED, DENIED, EXPIRED

	}

	private static final class Login {

		private final String clientId;

		private final RecordedRequest request;

		private final Pkce.@Nullable Challenge challenge;

		private final Instant expiresAt;

		private Instant lastPoll;

		private State state = State.PENDING;

		private int slowDowns;

		private String subject = "alice";

		private Login(String clientId, RecordedRequest request, Pkce.@Nullable Challenge challenge, Instant now,
				Duration lifetime) {
			this.clientId = clientId;
			this.request = request;
			this.challenge = challenge;
			this.lastPoll = now;
			this.expiresAt = now.plus(lifetime);
		}

	}

	record Codes(String deviceCode, String userCode) {
	}

	private final DeviceSettings settings;

	private final InstantSource clock;

	private final Secrets secrets;

	private final Map<String, Login> byDeviceCode = new HashMap<>();

	private final Map<String, Login> byUserCode = new HashMap<>();

	private final BlockingQueue<String> newUserCodes = new LinkedBlockingQueue<>();

	DeviceLogins(DeviceSettings settings, InstantSource clock, Secrets secrets) {
		this.settings = settings;
		this.clock = clock;
		this.secrets = secrets;
	}

	synchronized Codes begin(FakeClient client, RecordedRequest request, Pkce.@Nullable Challenge challenge) {
		Login login = new Login(client.clientId(), request, challenge, this.clock.instant(), this.settings.lifetime());
		if (this.settings.isApprovedAtOnce()) {
			login.state = State.APPROVED;
		}
		Codes codes = new Codes(this.secrets.next("dc"), this.secrets.nextUserCode());
		this.byDeviceCode.put(codes.deviceCode(), login);
		this.byUserCode.put(codes.userCode(), login);
		this.newUserCodes.add(codes.userCode());
		return codes;
	}

	/**
	 * One poll: the approved login, whose device code is then used up, or an error.
	 */
	synchronized Session redeem(FakeClient client, @Nullable String deviceCode, @Nullable String verifier) {
		if (deviceCode == null) {
			throw ProtocolError.invalidRequest("Missing parameter: device_code");
		}
		Login login = this.byDeviceCode.get(deviceCode);
		if (login == null) {
			throw ProtocolError.invalidGrant("Device code not valid");
		}
		if (!login.clientId.equals(client.clientId())) {
			throw ProtocolError.invalidGrant("unauthorized client");
		}
		Instant now = this.clock.instant();
		if (login.state == State.EXPIRED || !now.isBefore(login.expiresAt)) {
			throw new ProtocolError(400, "expired_token", "Device code is expired");
		}
		checkPace(login, now);
		if (login.state == State.DENIED) {
			throw new ProtocolError(400, "access_denied", "The end user denied the authorization request");
		}
		if (login.state == State.PENDING) {
			throw new ProtocolError(400, "authorization_pending", "The authorization request is still pending");
		}
		// As in Keycloak, a wrong verifier does not use up the device code.
		Pkce.verify(login.challenge, verifier);
		this.byDeviceCode.remove(deviceCode);
		return new Session(login.clientId, login.subject, login.request.parameter("scope"), login.request);
	}

	private void checkPace(Login login, Instant now) {
		boolean tooSoon = this.settings.isIntervalEnforced()
				&& now.isBefore(login.lastPoll.plus(this.settings.interval()));
		login.lastPoll = now;
		if (tooSoon || login.slowDowns > 0) {
			login.slowDowns = Math.max(0, login.slowDowns - 1);
			throw new ProtocolError(400, "slow_down", "Slow down");
		}
	}

	synchronized void approve(String userCode, String subject) {
		Login login = login(userCode);
		login.state = State.APPROVED;
		login.subject = subject;
	}

	synchronized void deny(String userCode) {
		login(userCode).state = State.DENIED;
	}

	synchronized void expire(String userCode) {
		login(userCode).state = State.EXPIRED;
	}

	synchronized void slowDown(String userCode, int polls) {
		login(userCode).slowDowns = polls;
	}

	String takeUserCode(Duration timeout) {
		String userCode = Patience.poll(this.newUserCodes, timeout);
		if (userCode == null) {
			throw new AssertionError("No device login was started within " + timeout);
		}
		return userCode;
	}

	private Login login(String userCode) {
		Login login = this.byUserCode.get(userCode);
		if (login == null) {
			throw new IllegalArgumentException("No such user code: " + userCode);
		}
		return login;
	}

}
