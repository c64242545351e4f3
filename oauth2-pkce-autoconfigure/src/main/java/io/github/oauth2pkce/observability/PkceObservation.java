package io.github.oauth2pkce.observability;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * The observations, for dashboards and for the page that documents them: each is a timer,
 * and a span where there is tracing.
 */
public enum PkceObservation implements ObservationDocumentation {

	/**
	 * A request to an authorization server: discovery, device authorization, token or
	 * revocation. Instead of WebClient's own, whose tags are addresses.
	 */
	AUTHORIZATION_SERVER_REQUEST {

		@Override
		public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
			return AuthorizationServerObservationConvention.class;
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return Key.values();
		}

		@Override
		public String getPrefix() {
			return "";
		}

	};

	/** The keys of an observation, all with few values. */
	public enum Key implements KeyName {

		/**
		 * {@code discovery}, {@code registration}, {@code device_authorization},
		 * {@code pushed_authorization}, {@code token}, {@code revocation},
		 * {@code subject_token}.
		 */
		ENDPOINT,

		/** Of a token request, else {@code none}. */
		GRANT,

		/**
		 * {@code success}, {@code redirection}, {@code client_error},
		 * {@code server_error}, {@code no_answer}.
		 */
		OUTCOME,

		/** The provider's id. */
		PROVIDER;

		@Override
		public String asString() {
			return name().toLowerCase(java.util.Locale.ROOT);
		}

	}

}
