package io.github.oauth2pkce.autoconfigure;

import java.util.function.Function;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Replaces a bean that is declared as an interface, so that nobody can count on its
 * class.
 *
 * @param <T> the class of the bean
 */
final class BeanReplacement<T> implements BeanPostProcessor {

	private final ConfigurableListableBeanFactory beans;

	private final Class<?> declared;

	private final Class<T> type;

	private final Function<T, Object> replacement;

	BeanReplacement(ConfigurableListableBeanFactory beans, Class<?> declared, Class<T> type,
			Function<T, Object> replacement) {
		this.beans = beans;
		this.declared = declared;
		this.type = type;
		this.replacement = replacement;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		return (this.type.isInstance(bean) && isReplaceable(beanName)) ? this.replacement.apply(this.type.cast(bean))
				: bean;
	}

	private boolean isReplaceable(String beanName) {
		return this.beans.containsBeanDefinition(beanName)
				&& this.beans.getMergedBeanDefinition(beanName).getResolvableType().resolve() == this.declared;
	}

}
