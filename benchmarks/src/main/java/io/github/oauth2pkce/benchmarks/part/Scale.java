package io.github.oauth2pkce.benchmarks.part;

/** How much is measured. */
public enum Scale {

	/** Enough to see that everything works; no figure of it means anything. */
	QUICK,

	/** For the document. */
	FULL;

	/**
	 * A number that depends on this.
	 * @param quick to see that it works
	 * @param full for the document
	 * @return the one for this scale
	 */
	public int of(int quick, int full) {
		return (this == QUICK) ? quick : full;
	}

}
