package io.github.oauth2pkce.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * {@link ConditionalOnSwitch}; what is no Boolean stops the start, with Boot's report.
 */
final class OnSwitchCondition extends SpringBootCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		String property = metadata.getAnnotations().get(ConditionalOnSwitch.class).getString("value");
		boolean on = Binder.get(context.getEnvironment()).bind(property, Boolean.class).orElse(true);
		return new ConditionOutcome(on, ConditionMessage.forCondition(ConditionalOnSwitch.class)
			.because(property + (on ? " is on" : " is off")));
	}

}
