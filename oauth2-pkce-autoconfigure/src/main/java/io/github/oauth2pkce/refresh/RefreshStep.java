package io.github.oauth2pkce.refresh;

/** What a stored record asks a refresh to do. */
enum RefreshStep {

	/** Nothing is stored, and only a person can change that. */
	NOTHING_STORED,

	/** The token that callers have is good enough. */
	USABLE,

	/** Another process has refreshed: its token is good enough. */
	ADOPT,

	/** There is no refresh token, or none that the server accepts. */
	NOT_REFRESHABLE,

	/** Only the server can give a better token. */
	REQUEST

}
