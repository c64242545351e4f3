package io.github.oauth2pkce.testing.spring;

import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import io.github.oauth2pkce.AuthorizationState;
import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.BearerToken;
import io.github.oauth2pkce.bearer.BearerTokenSource;
import io.github.oauth2pkce.bearer.RequestLogins;
import io.github.oauth2pkce.bearer.SkipReason;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.test.context.TestContextAnnotationUtils;

/**
 * The bearers that the running test says there are, in front of the application's own.
 * Safe for use by many threads.
 */
final class TestBearers implements BeanPostProcessor {

	private volatile Map<String, BearerToken> bearers = Map.of();

	/** What the class says, and then the method. */
	void begin(Class<?> testClass, Method testMethod, Providers providers) {
		Map<String, BearerToken> bearers = annotationsOf(testClass);
		bearers.putAll(read(MergedAnnotations.from(testMethod, SearchStrategy.TYPE_HIERARCHY)));
		for (String id : bearers.keySet()) {
			if (providers.find(id) == null) {
				throw new IllegalStateException("A test says which bearer '" + id
						+ "' has, and there is no such provider. Configured are: " + providers.ids());
			}
		}
		this.bearers = bearers;
	}

	void end() {
		this.bearers = Map.of();
	}

	static Map<String, BearerToken> annotationsOf(Class<?> testClass) {
		return read(MergedAnnotations.search(SearchStrategy.TYPE_HIERARCHY)
			.withEnclosingClasses(TestContextAnnotationUtils::searchEnclosingClass)
			.from(testClass));
	}

	private static Map<String, BearerToken> read(MergedAnnotations annotations) {
		Map<String, BearerToken> bearers = new LinkedHashMap<>();
		// The nearest comes first.
		annotations.stream().forEach((annotation) -> {
			if (annotation.getType().equals(WithBearer.class)) {
				bearers.putIfAbsent(annotation.getString("value"),
						BearerToken.Available.of(annotation.getString("token")));
			}
			else if (annotation.getType().equals(WithoutBearer.class)) {
				SkipReason reason = annotation.getEnum("reason", SkipReason.class);
				bearers.putIfAbsent(annotation.getString("value"), new BearerToken.Skipped(reason, state(reason)));
			}
		});
		return bearers;
	}

	private static AuthorizationState state(SkipReason reason) {
		return switch (reason) {
			case NO_TOKEN -> AuthorizationState.LOGIN_REQUIRED;
			case REAUTHENTICATION_REQUIRED, EMPTY_TOKEN -> AuthorizationState.REAUTHENTICATION_REQUIRED;
			case REFRESH_FAILED, REFRESH_BACKOFF, LOCK_TIMEOUT -> AuthorizationState.AUTHORIZED;
			case STORE_ERROR -> AuthorizationState.UNKNOWN;
			case USER_SET, ORIGIN_NOT_ALLOWED, INSECURE_TRANSPORT ->
				throw new IllegalStateException("Whether a request is skipped as " + reason
						+ " is up to the request: send one that is, instead of @WithoutBearer");
		};
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof BearerTokenSource source) {
			return new Source(this, source);
		}
		return (bean instanceof RequestLogins logins) ? new Logins(this, logins) : bean;
	}

	private @Nullable BearerToken find(String providerId) {
		return this.bearers.get(providerId);
	}

	private record Source(TestBearers test, BearerTokenSource application) implements BearerTokenSource {

		@Override
		public Mono<BearerToken> current(String providerId) {
			return Mono.defer(() -> {
				BearerToken bearer = this.test.find(providerId);
				return (bearer != null) ? Mono.just(bearer) : this.application.current(providerId);
			});
		}

		@Override
		public Mono<BearerToken> current(String providerId, String principalName) {
			return Mono.defer(() -> {
				BearerToken bearer = this.test.find(providerId);
				return (bearer != null) ? Mono.just(bearer) : this.application.current(providerId, principalName);
			});
		}

		@Override
		public BearerToken.@Nullable Available atHand(String providerId) {
			BearerToken bearer = this.test.find(providerId);
			if (bearer != null) {
				return (bearer instanceof BearerToken.Available available) ? available : null;
			}
			return this.application.atHand(providerId);
		}

		@Override
		public Mono<BearerToken> afterRejection(String providerId, BearerToken.Available rejected) {
			BearerToken bearer = this.test.find(providerId);
			return (bearer != null) ? Mono.just(bearer) : this.application.afterRejection(providerId, rejected);
		}

		@Override
		public Mono<Void> taken(String providerId) {
			return (this.test.find(providerId) != null) ? Mono.empty() : this.application.taken(providerId);
		}

	}

	private record Logins(TestBearers test, RequestLogins application) implements RequestLogins {

		@Override
		public boolean areAllowed(String providerId) {
			return this.test.find(providerId) == null && this.application.areAllowed(providerId);
		}

		@Override
		public Mono<BearerToken.Available> logIn(String providerId, BearerToken.@Nullable Available refused) {
			return this.application.logIn(providerId, refused);
		}

		@Override
		public Mono<BearerToken.Available> stepUp(String providerId, BearerToken.Available insufficient) {
			return this.application.stepUp(providerId, insufficient);
		}

	}

}
