package io.github.oauth2pkce.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Proofs of possession (RFC 9449): who has to bring one, and with which nonce. A login
 * that began with a proof is bound to its key, whatever is set here.
 */
public final class DpopSettings {

	private final List<String> refusals = new CopyOnWriteArrayList<>();

	private volatile boolean required;

	private volatile boolean ignored;

	private volatile @Nullable Supplier<String> nonces;

	private volatile boolean nonceOnSuccess;

	private volatile boolean undated;

	DpopSettings() {
	}

	/**
	 * Refuse token requests without a proof.
	 */
	public DpopSettings require() {
		this.required = true;
		return this;
	}

	/**
	 * Do as a server that has never heard of proofs: issue bearers.
	 */
	public DpopSettings ignore() {
		this.ignored = true;
		this.required = false;
		return this;
	}

	/**
	 * Take token requests without a proof, too: the default.
	 */
	public DpopSettings optional() {
		this.required = false;
		return this;
	}

	/**
	 * Demand the nonce of the moment in each proof; null (the default) for none.
	 */
	public DpopSettings nonces(@Nullable Supplier<String> nonces) {
		this.nonces = nonces;
		return this;
	}

	/**
	 * Tell the nonce of the moment with successes, too.
	 */
	public DpopSettings nonceOnSuccess() {
		this.nonceOnSuccess = true;
		return this;
	}

	/**
	 * Take proofs of any time: the server's clock is a test's, and that of proofs is not.
	 */
	public DpopSettings ignoreTime() {
		this.undated = true;
		return this;
	}

	/**
	 * Why proofs were refused so far, but for their nonces.
	 */
	public List<String> refusals() {
		return List.copyOf(this.refusals);
	}

	boolean isRequired() {
		return this.required;
	}

	boolean isIgnored() {
		return this.ignored;
	}

	@Nullable String nonce() {
		Supplier<String> nonces = this.nonces;
		return (nonces != null) ? nonces.get() : null;
	}

	boolean isNonceOnSuccess() {
		return this.nonceOnSuccess;
	}

	boolean isTimeIgnored() {
		return this.undated;
	}

	ProtocolError refuse(String why) {
		this.refusals.add(why);
		return new ProtocolError(400, "invalid_dpop_proof", why);
	}

}
