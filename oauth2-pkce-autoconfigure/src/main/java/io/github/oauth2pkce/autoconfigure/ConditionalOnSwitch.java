package io.github.oauth2pkce.autoconfigure;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.context.annotation.Conditional;

/**
 * Unless a Boolean property switches it off. Boot's own condition takes every text but
 * {@code true} for a no: a typo, or {@code on} from an environment variable, would switch
 * off in silence what an application relies on. Here it is read as all other Booleans
 * are.
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Conditional(OnSwitchCondition.class)
@interface ConditionalOnSwitch {

	/** The property. */
	String value();

}
