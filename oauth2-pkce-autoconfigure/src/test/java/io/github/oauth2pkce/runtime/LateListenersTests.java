package io.github.oauth2pkce.runtime;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.Listeners;
import io.github.oauth2pkce.login.LoginListener;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.LogCapture;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.config.BeanDefinitionHolder;
import org.springframework.beans.factory.support.BeanDefinitionBuilder;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;

import static org.assertj.core.api.Assertions.assertThat;

class LateListenersTests {

	private final DefaultListableBeanFactory beans = new DefaultListableBeanFactory();

	@Test
	void beanHearsEverything() throws Exception {
		List<String> heard = new ArrayList<>();
		Object bean = Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { RefreshListener.class, LoginListener.class }, (proxy, method, arguments) -> {
					heard.add(method.getName());
					return null;
				});
		this.beans.registerSingleton("everything", bean);
		RefreshListener late = new LateListeners(this.beans).of(RefreshListener.class).get(0);
		List<Method> events = Stream
			.concat(Arrays.stream(RefreshListener.class.getMethods()), Arrays.stream(LoginListener.class.getMethods()))
			.toList();
		for (Method event : events) {
			Object[] nothing = Arrays.stream(event.getParameterTypes())
				.map((type) -> (type == boolean.class) ? false : null)
				.toArray();
			event.invoke(late, nothing);
		}
		assertThat(heard).containsExactlyElementsOf(events.stream().map(Method::getName).toList());
	}

	/** So that it hears of logins and refreshes in one order. */
	@Test
	void beanOfBothKindsIsOneListener() {
		this.beans.registerSingleton("both", new Both());
		LateListeners listeners = new LateListeners(this.beans);
		assertThat((Object) listeners.of(RefreshListener.class).get(0))
			.isSameAs(listeners.of(LoginListener.class).get(0));
	}

	@Test
	void beansAreMadeWhenThereIsSomethingToTell() {
		this.beans.registerBeanDefinition("both",
				BeanDefinitionBuilder.rootBeanDefinition(Both.class).getBeanDefinition());
		List<RefreshListener> late = new LateListeners(this.beans).of(RefreshListener.class);
		assertThat(this.beans.containsSingleton("both")).isFalse();
		late.get(0).scopesMissing(null, null);
		assertThat(this.beans.containsSingleton("both")).isTrue();
	}

	@Test
	void countersAreThereFromTheStart() {
		Counting counting = new Counting();
		this.beans.registerSingleton("counting", counting);
		assertThat(new LateListeners(this.beans).of(RefreshListener.class)).containsExactly(counting);
	}

	@Test
	void beanBehindAScopedProxyIsToldOnce() {
		BeanDefinitionHolder holder = ScopedProxyUtils.createScopedProxy(new BeanDefinitionHolder(
				BeanDefinitionBuilder.rootBeanDefinition(Both.class).getBeanDefinition(), "scoped"), this.beans, true);
		this.beans.registerBeanDefinition("scoped", holder.getBeanDefinition());
		assertThat(new LateListeners(this.beans).of(RefreshListener.class)).hasSize(1);
	}

	@Test
	void logNamesTheBeanThatFails() {
		this.beans.registerSingleton("broken", new Both() {

			@Override
			public void storeFailed(CredentialId id, String operation, Exception failure) {
				throw new IllegalStateException("broken");
			}

		});
		LogCapture log = LogCapture.of(Listeners.class, Level.WARN);
		log.attach();
		try (log;
				Listeners<RefreshListener> listeners = new Listeners<>(
						new LateListeners(this.beans).of(RefreshListener.class))) {
			listeners.tell((listener) -> listener.storeFailed(null, "load", null));
			Awaitility.await().until(() -> !log.events().isEmpty());
			assertThat(log.events().get(0).getFormattedMessage()).isEqualTo("A listener failed: bean 'broken'");
		}
	}

	static class Both implements RefreshListener, LoginListener {

	}

	static class Counting implements RefreshListener, Listeners.Counter {

	}

}
