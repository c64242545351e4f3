package io.github.oauth2pkce.sample.client.page;

import org.jspecify.annotations.Nullable;

/**
 * What the page shows of one provider.
 *
 * @param id the provider id
 * @param path the start of the addresses of its actions
 * @param headline its state in two or three words
 * @param tone how good that is
 * @param sentence its state in a sentence
 * @param notice what else a person should know; {@code null} if nothing
 * @param code the code of the running login; {@code null} if there is none to show
 * @param actions what a person can do
 * @param facts what else is known
 */
record ProviderCard(String id, String path, String headline, Tone tone, Sentence sentence, @Nullable Sentence notice,
		@Nullable Code code, Actions actions, Facts facts) {

	/**
	 * What a person needs to finish a login.
	 *
	 * @param userCode the code to compare
	 * @param link the page to open
	 * @param address the page to open if the link is of no use, without the code
	 * @param where from where that page can be opened
	 * @param qr the link as a QR code; {@code null} if it is of no use or too long for
	 * one
	 */
	record Code(String userCode, String link, String address, String where, @Nullable QrCode qr) {

	}

	/**
	 * What a person can do; the label of {@code connect} is {@code null} if that is not
	 * among it.
	 *
	 * @param connect start a login
	 * @param cancel give the running login up
	 * @param refresh renew the token
	 * @param logout log out
	 */
	record Actions(@Nullable String connect, boolean cancel, boolean refresh, boolean logout) {

		static final Actions NONE = new Actions(null, false, false, false);

	}

	/**
	 * Facts for those who want to know; empty texts for what is not known.
	 *
	 * @param issuer who issues the tokens
	 * @param clientId to whom
	 * @param scopes what they are good for
	 * @param proof whether a proof key protects the login
	 * @param refreshToken whether there is a refresh token
	 * @param renewedAt when the token was renewed
	 */
	record Facts(String issuer, String clientId, String scopes, String proof, String refreshToken, String renewedAt) {

	}

}
