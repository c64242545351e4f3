package io.github.oauth2pkce.autoconfigure;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether a client may be known by its certificate (RFC 8705 section 2). */
final class OnCertificateCondition extends SpringBootCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		Binder binder = Binder.get(context.getEnvironment());
		boolean some = isConfigured(binder, "oauth2.pkce.providers")
				|| isConfigured(binder, "spring.security.oauth2.client.registration");
		return new ConditionOutcome(some, ConditionMessage.forCondition("Clients with a certificate")
			.because(some ? "there are some" : "there are none"));
	}

	private static boolean isConfigured(Binder binder, String name) {
		return binder.bind(name, Bindable.mapOf(String.class, Client.class))
			.map((clients) -> clients.values().stream().anyMatch(Client::hasCertificate))
			.orElse(false);
	}

	/** What matters of a client. */
	record Client(@Nullable String clientAuthenticationMethod) {

		/** In any spelling: it is not bound yet. */
		boolean hasCertificate() {
			return this.clientAuthenticationMethod != null && this.clientAuthenticationMethod.toLowerCase(Locale.ROOT)
				.replaceAll("[^a-z]", "")
				.contains("tlsclientauth");
		}

	}

}
