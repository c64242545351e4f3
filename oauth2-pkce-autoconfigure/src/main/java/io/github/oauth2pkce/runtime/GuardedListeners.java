package io.github.oauth2pkce.runtime;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.oauth2pkce.observability.ApplicationEvents;

import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ApplicationListenerMethodAdapter;
import org.springframework.context.event.EventListener;
import org.springframework.context.event.EventListenerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotatedElementUtils;

/**
 * Keeps a method that listens to our events from harming others that do: Spring's
 * multicaster stops at the first listener that throws. What a method throws is logged.
 */
public final class GuardedListeners implements EventListenerFactory, Ordered {

	private static final Logger logger = LoggerFactory.getLogger(ApplicationEvents.class);

	/** After that of {@code @TransactionalEventListener}, before Spring's own. */
	@Override
	public int getOrder() {
		return 1000;
	}

	@Override
	public boolean supportsMethod(Method method) {
		EventListener annotation = AnnotatedElementUtils.findMergedAnnotation(method, EventListener.class);
		Stream<Class<?>> events = Stream.concat(Arrays.stream(method.getParameterTypes()),
				(annotation != null) ? Arrays.stream(annotation.classes()) : Stream.empty());
		return events.anyMatch((event) -> event.getName().startsWith("io.github.oauth2pkce."));
	}

	@Override
	public ApplicationListener<?> createApplicationListener(String beanName, Class<?> type, Method method) {
		return new Guarded(beanName, type, method);
	}

	private static final class Guarded extends ApplicationListenerMethodAdapter {

		private final String name;

		Guarded(String beanName, Class<?> type, Method method) {
			super(beanName, type, method);
			this.name = type.getName() + "." + method.getName();
		}

		@Override
		public void onApplicationEvent(ApplicationEvent event) {
			try {
				super.onApplicationEvent(event);
			}
			catch (RuntimeException | Error ex) {
				GuardedListeners.logger.warn("The event listener {} failed", this.name, ex);
			}
		}

	}

}
