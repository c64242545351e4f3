package io.github.oauth2pkce.device;

/**
 * Whose turn it is to poll, among the processes that know a code: one of them polls, or
 * each would have to be told to slow down.
 */
@FunctionalInterface
public interface Turns {

	/** Nobody else knows the code. */
	Turns ALONE = () -> Turn.MINE;

	/**
	 * Asked before each poll.
	 * @return what to do
	 */
	Turn next();

	/** What to do. */
	enum Turn {

		/** Poll. */
		MINE,

		/** Wait: another process polls. */
		ANOTHERS,

		/** Stop: it has ended, well or not, elsewhere. */
		OVER

	}

}
