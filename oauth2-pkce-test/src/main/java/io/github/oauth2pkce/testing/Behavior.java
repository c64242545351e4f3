package io.github.oauth2pkce.testing;

/**
 * What one endpoint says when nothing is scripted.
 */
interface Behavior {

	/**
	 * May throw a {@link ProtocolError} instead of answering.
	 */
	Answer answer(RecordedRequest request);

}
