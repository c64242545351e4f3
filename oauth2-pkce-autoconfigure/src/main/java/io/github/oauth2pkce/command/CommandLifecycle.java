package io.github.oauth2pkce.command;

import java.util.LinkedHashMap;
import java.util.Map;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.Lifecycle;
import org.springframework.context.support.DefaultLifecycleProcessor;

/**
 * Starts and stops what the command has needed, and creates nothing in order to start it:
 * listeners, schedulers and servers of the application stay as they are.
 */
final class CommandLifecycle extends DefaultLifecycleProcessor {

	private final ConfigurableListableBeanFactory beans;

	CommandLifecycle(ConfigurableListableBeanFactory beans) {
		this.beans = beans;
		setBeanFactory(beans);
	}

	@Override
	protected Map<String, Lifecycle> getLifecycleBeans() {
		Map<String, Lifecycle> made = new LinkedHashMap<>();
		for (String name : this.beans.getSingletonNames()) {
			if (this.beans.getSingleton(name) instanceof Lifecycle bean && bean != this) {
				made.put(name, bean);
			}
		}
		return made;
	}

}
