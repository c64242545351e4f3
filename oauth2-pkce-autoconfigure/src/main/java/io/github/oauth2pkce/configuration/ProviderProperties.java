package io.github.oauth2pkce.configuration;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ErrorCodes;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider.PrincipalKind;
import io.github.oauth2pkce.Provider.PushedRequests;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;

/**
 * One provider. What is not given here may come from Spring Security's registration of
 * the same id.
 *
 * @param resourceUri Protected resource that names its authorization server (RFC 9728),
 * as MCP servers do. A complete configuration: server, scopes and client id are found out
 * when they are first needed.
 * @param issuerUri Issuer whose metadata is read when it is first needed. Beside
 * 'resource-uri', the only one of the resource's servers that is used.
 * @param authorizationUri Authorization endpoint. Discovered by default.
 * @param deviceAuthorizationUri Device authorization endpoint. Discovered by default.
 * @param tokenUri Token endpoint. Discovered by default.
 * @param revocationUri Revocation endpoint. Discovered by default.
 * @param clientId Client id. Not needed with 'resource-uri' or 'registration.enabled',
 * where the server knows other ways.
 * @param clientMetadataUri Client ID Metadata Document: an https address with a path,
 * which is the client id at servers that read such documents.
 * @param registration Registering this application as a client (RFC 7591).
 * @param clientSecret Client secret. A public client has none.
 * @param clientAuthenticationMethod Client authentication: 'none' (the default without a
 * secret), 'client_secret_basic' (the default with one), 'client_secret_post',
 * 'client_secret_jwt', 'private_key_jwt' (the default with 'client-assertion.key'),
 * 'tls_client_auth' or 'self_signed_tls_client_auth'.
 * @param clientAssertion Assertions that the client signs instead of sending a secret
 * (RFC 7523).
 * @param authorizationGrantType Grant: 'device_code' (the default), 'authorization_code'
 * (the default of a registration in Spring's shape), 'client_credentials', 'jwt-bearer'
 * or 'token-exchange'.
 * @param scope Scopes to ask for: a list, or one text with spaces or commas.
 * @param pkce Whether logins use a proof key (RFC 7636, S256).
 * @param principal Whose login is used.
 * @param baseUrls Origins, with an optional path, that may receive the bearer. Requests
 * below them get it without any code; the longest wins.
 * @param onMissingToken What happens to a request without a bearer.
 * @param retryUnauthorized Whether to refresh and send a request once more when its
 * bearer was rejected as invalid.
 * @param resource Resource indicators (RFC 8707). A login asks for all of them, and each
 * token request for the first.
 * @param resourceMetadataUri Metadata of the protected resource (RFC 9728) whose
 * identifier is the resource indicator, unless 'resource' is set. Read when it is first
 * needed.
 * @param additionalParameters Parameters beyond the standards, by name: sent with the
 * first request of a login and with the token requests of grants without a person, such
 * as Auth0's 'audience'.
 * @param acceptedTokenTypes Token types by which the server calls a bearer, beside
 * 'Bearer'; compared without case.
 * @param dpop Whether tokens are bound to a key of their login (RFC 9449, DPoP), so that
 * a stolen one is worthless.
 * @param assumeExpiry Lifetime of a token when the server names none.
 * @param refresh Refreshing.
 * @param redirectPort Port of a browser login on this machine; 0 is any free one.
 * @param redirectUri Redirect URI of a browser login on this machine, for servers that
 * compare it whole: 'http' to '127.0.0.1', '[::1]' or 'localhost', with any path. Without
 * a port, 'redirect-port' applies. By default 'http://127.0.0.1:{port}/callback/' and the
 * provider's id.
 * @param requireIss Whether the answer to a browser login has to name its issuer (RFC
 * 9207), also if the server does not announce that it does.
 * @param profile Security profile that the configuration has to meet: 'fapi2' demands
 * proof keys, pushed requests, 'private_key_jwt' or mutual TLS, bound tokens, and answers
 * that name their issuer.
 * @param pushedAuthorizationRequests Whether browser logins push their authorization
 * request to the server (RFC 9126), so that the browser carries a reference only. 'auto':
 * where the server's metadata demands it.
 * @param subjectToken Token that 'jwt-bearer' presents and 'token-exchange' exchanges.
 * @param actorToken Token of whoever acts for the subject ('token-exchange').
 * @param tokenExchange What a token exchange asks for (RFC 8693).
 * @param sslBundle SSL bundle for discovery and token traffic.
 */
public record ProviderProperties(@Nullable String resourceUri, @Nullable String issuerUri,
		@Nullable String authorizationUri, @Nullable String deviceAuthorizationUri, @Nullable String tokenUri,
		@Nullable String revocationUri, @Nullable String clientId, @Nullable String clientMetadataUri,
		@DefaultValue Registration registration, @Nullable String clientSecret,
		@Nullable AuthenticationMethod clientAuthenticationMethod, @DefaultValue ClientAssertion clientAssertion,
		@Nullable GrantType authorizationGrantType, @DefaultValue List<String> scope,
		@DefaultValue("true") boolean pkce, @DefaultValue("application") PrincipalKind principal,
		@DefaultValue List<String> baseUrls, @DefaultValue("skip") OnMissingToken onMissingToken,
		@DefaultValue("true") boolean retryUnauthorized, @DefaultValue List<String> resource,
		@Nullable String resourceMetadataUri, @DefaultValue Map<String, String> additionalParameters,
		@DefaultValue("Bearer") List<String> acceptedTokenTypes, @DefaultValue("false") boolean dpop,
		@Nullable Duration assumeExpiry, @DefaultValue Refresh refresh, @DefaultValue("0") int redirectPort,
		@Nullable String redirectUri, @DefaultValue("false") boolean requireIss, @Nullable Profile profile,
		@DefaultValue("auto") PushedRequests pushedAuthorizationRequests, @DefaultValue TokenPlace subjectToken,
		@DefaultValue TokenPlace actorToken, @DefaultValue TokenExchange tokenExchange, @Nullable String sslBundle) {

	@Override
	public String toString() {
		return "ProviderProperties[issuerUri=" + this.issuerUri + ", clientId=" + this.clientId + "]";
	}

	/**
	 * How the first token is obtained. Letters and digits of a value are compared,
	 * without case, so that URNs need constants of their own.
	 */
	public enum GrantType {

		/** A person enters a code on another device (RFC 8628). The default. */
		DEVICE_CODE(Grant.DEVICE_CODE),

		/** A person is sent to the server and back by a browser (RFC 6749). */
		AUTHORIZATION_CODE(Grant.AUTHORIZATION_CODE),

		/** The client gets a token for itself (RFC 6749). */
		CLIENT_CREDENTIALS(Grant.CLIENT_CREDENTIALS),

		/** A token of somebody else's, 'subject-token', is the assertion (RFC 7523). */
		JWT_BEARER(Grant.JWT_BEARER),

		/**
		 * A token of somebody else's, 'subject-token', is exchanged for another one (RFC
		 * 8693).
		 */
		TOKEN_EXCHANGE(Grant.TOKEN_EXCHANGE),

		/** The same as 'device_code'. */
		URN_IETF_PARAMS_OAUTH_GRANT_TYPE_DEVICE_CODE(Grant.DEVICE_CODE),

		/** The same as 'jwt-bearer'. */
		URN_IETF_PARAMS_OAUTH_GRANT_TYPE_JWT_BEARER(Grant.JWT_BEARER),

		/** The same as 'token-exchange'. */
		URN_IETF_PARAMS_OAUTH_GRANT_TYPE_TOKEN_EXCHANGE(Grant.TOKEN_EXCHANGE);

		private final Grant grant;

		GrantType(Grant grant) {
			this.grant = grant;
		}

		Grant grant() {
			return this.grant;
		}

		/** As it is mostly written. */
		@Override
		public String toString() {
			return name().startsWith("URN_") ? this.grant.type().getValue() : this.grant.property();
		}

	}

	/** How the client proves who it is. */
	public enum AuthenticationMethod {

		/** Not at all: a public client. The default without a secret. */
		NONE,

		/**
		 * By its secret, in the Authorization header (RFC 6749). The default with a
		 * secret.
		 */
		CLIENT_SECRET_BASIC,

		/** By its secret, in the form (RFC 6749). */
		CLIENT_SECRET_POST,

		/** By an assertion, signed with the secret that is not sent (RFC 7523). */
		CLIENT_SECRET_JWT,

		/**
		 * By an assertion, signed with 'client-assertion.key' (RFC 7523). The default
		 * with a key.
		 */
		PRIVATE_KEY_JWT,

		/** By the certificate of 'ssl-bundle', from a CA (RFC 8705). */
		TLS_CLIENT_AUTH,

		/** By the certificate of 'ssl-bundle', registered itself (RFC 8705). */
		SELF_SIGNED_TLS_CLIENT_AUTH;

		/** As it is mostly written. */
		@Override
		public String toString() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

	/** A security profile. */
	public enum Profile {

		/** The FAPI 2.0 Security Profile. */
		FAPI2

	}

	/** What happens to a request without a bearer. */
	public enum OnMissingToken {

		/** It is sent without one. */
		SKIP,

		/** It fails, and nothing is sent. */
		FAIL

	}

	/**
	 * Registering this application as a client (RFC 7591).
	 *
	 * @param enabled Whether to register at a server that does not know this application.
	 * By default with 'resource-uri' and no 'client-id'.
	 * @param clientName Name that people are shown when they are asked to agree; by
	 * default 'spring.application.name'.
	 * @param initialAccessToken Token that allows to register, for servers that do not
	 * let everybody.
	 * @param serveMetadata Whether a web application serves its own Client ID Metadata
	 * Document, at '/oauth2-pkce/client.json'.
	 */
	public record Registration(@Nullable Boolean enabled, @Nullable String clientName,
			@Nullable String initialAccessToken, @DefaultValue("false") boolean serveMetadata) {

		@Override
		public String toString() {
			return "Registration[enabled=" + this.enabled + ", clientName=" + this.clientName + "]";
		}

	}

	/**
	 * Assertions that the client signs instead of sending a secret (RFC 7523).
	 *
	 * @param key Location of the private key: PEM (PKCS#8, PKCS#1 or SEC1) or JWK. Read
	 * again when it changes. By default the key of 'ssl-bundle'.
	 * @param keyPassword Password of an encrypted private key (PEM, PKCS#8).
	 * @param algorithm JWS algorithm. By default one that fits the key and the server,
	 * such as 'ES256' or 'PS256'; with 'client_secret_jwt' by the length of the secret.
	 * @param keyId Key id ('kid') by which the server finds the public key. By default
	 * that of the JWK, or the thumbprint of the key (RFC 7638).
	 * @param audience Audience ('aud') of assertions. By default the issuer, or the token
	 * endpoint where no issuer is known.
	 * @param lifetime Time for which an assertion may be used.
	 * @param file Path of a file with an assertion that somebody else has signed for this
	 * application, instead of a key.
	 * @param env Environment variable with such an assertion.
	 * @param provider Other provider whose access token is the assertion.
	 * @param githubActions Audience of an assertion from the OIDC endpoint of GitHub
	 * Actions.
	 * @param kubernetes Whether the assertion is the projected token of the Kubernetes
	 * service account, '/var/run/secrets/tokens/oauth2/token'.
	 * @param bean Name of a SubjectTokenSource bean that has the assertion.
	 */
	public record ClientAssertion(@Nullable String key, @Nullable String keyPassword, @Nullable String algorithm,
			@Nullable String keyId, @Nullable String audience, @DefaultValue("60s") Duration lifetime,
			@Nullable String file, @Nullable String env, @Nullable String provider, @Nullable String githubActions,
			@DefaultValue("false") boolean kubernetes, @Nullable String bean) {

		@Override
		public String toString() {
			return "ClientAssertion[algorithm=" + this.algorithm + ", keyId=" + this.keyId + "]";
		}

	}

	/**
	 * Refreshing.
	 *
	 * @param skew Time before its end at which a token is refreshed before it is used, at
	 * most half of its lifetime. While refreshing fails for a passing reason, the token
	 * is used until it ends.
	 * @param rejectedErrorCodes Error codes by which the server says that a refresh token
	 * is dead; "http_400" is an answer with that status and no code.
	 */
	public record Refresh(@DefaultValue("30s") Duration skew, @DefaultValue( {
			OAuth2ErrorCodes.INVALID_GRANT, ErrorCodes.INTERACTION_REQUIRED, ErrorCodes.LOGIN_REQUIRED,
			ErrorCodes.CONSENT_REQUIRED }) List<String> rejectedErrorCodes){

	}

	/**
	 * Where a token is read that somebody else has issued. One place of these, and the
	 * type.
	 *
	 * @param file File that holds the token and nothing else. Read anew for each request.
	 * @param env Environment variable that holds the token.
	 * @param provider Id of another provider of this application, whose token it is.
	 * @param githubActions Audience of the token that GitHub Actions' OIDC endpoint
	 * issues to a job.
	 * @param kubernetes Whether the token is that of the Kubernetes service account,
	 * projected to '/var/run/secrets/tokens/oauth2/token'.
	 * @param currentUser Whether the token is the bearer with which the signed-in user
	 * has called this application (on behalf of).
	 * @param bean Name of a 'SubjectTokenSource' bean.
	 * @param type Type of the token: 'jwt' (the default), 'access_token' (the default
	 * with 'provider' and 'current-user'), 'id_token', 'refresh_token', 'saml2' or a URN.
	 */
	public record TokenPlace(@Nullable String file, @Nullable String env, @Nullable String provider,
			@Nullable String githubActions, @DefaultValue("false") boolean kubernetes,
			@DefaultValue("false") boolean currentUser, @Nullable String bean, @Nullable String type) {

	}

	/**
	 * What a token exchange asks for.
	 *
	 * @param audience Logical name of the service that the new token is for.
	 * @param requestedTokenType Type of the new token: a name as for
	 * 'subject-token.type', 'id-jag' or a URN. By default the server's choice, an access
	 * token.
	 */
	public record TokenExchange(@Nullable String audience, @Nullable String requestedTokenType) {

		@Override
		public String toString() {
			return "TokenExchange[audience=" + this.audience + "]";
		}

	}

}
