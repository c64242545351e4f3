package io.github.oauth2pkce.autoconfigure;

import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.ResolvableType;

/**
 * Replaces a bean that is declared as an interface, so that nobody can count on its
 * class.
 *
 * @param <T> the class of the bean
 */
final class BeanReplacement<T> implements BeanPostProcessor, BeanFactoryAware {

	private final Class<?> declared;

	private final Class<T> type;

	private final Class<?> product;

	private final Function<T, Object> replacement;

	private @Nullable ConfigurableListableBeanFactory beans;

	/**
	 * Creates the replacement.
	 * @param declared the interface
	 * @param product what the interface is a builder of
	 * @param type the class of the bean
	 * @param replacement makes the bean that takes its place
	 */
	BeanReplacement(Class<?> declared, Class<?> product, Class<T> type, Function<T, Object> replacement) {
		this.declared = declared;
		this.product = product;
		this.type = type;
		this.replacement = replacement;
	}

	/** As a parameter, it would have beans looked for before this is there. */
	@Override
	public void setBeanFactory(BeanFactory beans) {
		this.beans = (ConfigurableListableBeanFactory) beans;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		return (this.type.isInstance(bean) && isReplaceable(beanName)) ? this.replacement.apply(this.type.cast(bean))
				: bean;
	}

	private boolean isReplaceable(String beanName) {
		ConfigurableListableBeanFactory beans = this.beans;
		if (beans == null || !beans.containsBeanDefinition(beanName)) {
			return false;
		}
		ResolvableType type = beans.getMergedBeanDefinition(beanName).getResolvableType();
		Class<?> product = type.getGeneric().resolve();
		return type.resolve() == this.declared && (product == null || product == this.product);
	}

}
