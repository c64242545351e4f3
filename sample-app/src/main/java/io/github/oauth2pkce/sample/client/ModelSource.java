package io.github.oauth2pkce.sample.client;

import java.util.List;

import io.github.oauth2pkce.bearer.SkipReason;
import org.jspecify.annotations.Nullable;

/**
 * Where the models come from.
 */
interface ModelSource {

	/**
	 * Fetches the models; blocks.
	 * @return the models
	 * @throws Failure if they cannot be had
	 */
	List<Model> fetch() throws Failure;

	/**
	 * Why there are none, in words.
	 */
	final class Failure extends Exception {

		private static final long serialVersionUID = 1L;

		private final @Nullable SkipReason skipReason;

		Failure(String message, @Nullable SkipReason skipReason, Throwable cause) {
			super(message, cause);
			this.skipReason = skipReason;
		}

		/**
		 * Returns why the request had no bearer.
		 * @return the reason; {@code null} if it had one
		 */
		@Nullable SkipReason skipReason() {
			return this.skipReason;
		}

		@Override
		public String getMessage() {
			return String.valueOf(super.getMessage());
		}

	}

}
