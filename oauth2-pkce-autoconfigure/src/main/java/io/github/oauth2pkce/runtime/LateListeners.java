package io.github.oauth2pkce.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.github.oauth2pkce.Listeners;
import io.github.oauth2pkce.device.PollResult;
import io.github.oauth2pkce.device.UserCode;
import io.github.oauth2pkce.login.Login;
import io.github.oauth2pkce.login.LoginListener;
import io.github.oauth2pkce.refresh.RefreshListener;
import io.github.oauth2pkce.store.CredentialId;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.function.SingletonSupplier;

/**
 * The beans that listen to refreshes and logins. They are looked for at the first event,
 * and not earlier: many need a source of bearers or the logins, which need listeners. By
 * then they run on threads of their own, and nobody waits for them.
 */
public final class LateListeners {

	private final ConfigurableListableBeanFactory beans;

	/** One for each bean, whatever it listens to, so that it hears all in one order. */
	private final Map<String, Late> listeners = new ConcurrentHashMap<>();

	/**
	 * Creates the listeners; looks for none yet.
	 * @param beans where they are
	 */
	public LateListeners(ConfigurableListableBeanFactory beans) {
		this.beans = beans;
	}

	/**
	 * The listeners of a kind. Counters are called before anybody is answered, so they
	 * are made at once.
	 * @param type the kind
	 * @param <L> the kind
	 * @return one for each bean
	 */
	public <L> List<L> of(Class<L> type) {
		List<L> found = new ArrayList<>();
		for (String name : BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beans, type)) {
			if (isCandidate(name)) {
				Class<?> known = this.beans.getType(name);
				boolean counter = known != null && Listeners.Counter.class.isAssignableFrom(known);
				found.add(type.cast(counter ? this.beans.getBean(name) : this.listeners.computeIfAbsent(name,
						(key) -> new Late(key, SingletonSupplier.of(() -> this.beans.getBean(key))))));
			}
		}
		return found;
	}

	/** Not what is behind a scoped proxy, for example. */
	private boolean isCandidate(String name) {
		return !this.beans.containsBeanDefinition(name)
				|| this.beans.getMergedBeanDefinition(name).isAutowireCandidate();
	}

	/** Stands for a bean. */
	static final class Late implements RefreshListener, LoginListener, Listeners.Deputy {

		private final String name;

		private final Supplier<Object> bean;

		Late(String name, Supplier<Object> bean) {
			this.name = name;
			this.bean = bean;
		}

		private void refresh(Consumer<RefreshListener> event) {
			if (this.bean.get() instanceof RefreshListener listener) {
				event.accept(listener);
			}
		}

		private void login(Consumer<LoginListener> event) {
			if (this.bean.get() instanceof LoginListener listener) {
				event.accept(listener);
			}
		}

		@Override
		public void refreshed(Refresh refresh) {
			refresh((listener) -> listener.refreshed(refresh));
		}

		@Override
		public void scopesMissing(CredentialId id, Set<String> missing) {
			refresh((listener) -> listener.scopesMissing(id, missing));
		}

		@Override
		public void storeFailed(CredentialId id, String operation, Exception failure) {
			refresh((listener) -> listener.storeFailed(id, operation, failure));
		}

		@Override
		public void started(Login login) {
			login((listener) -> listener.started(login));
		}

		@Override
		public void codeIssued(Login login, UserCode userCode) {
			login((listener) -> listener.codeIssued(login, userCode));
		}

		@Override
		public void polled(Login login, PollResult result) {
			login((listener) -> listener.polled(login, result));
		}

		@Override
		public void ended(Ended ended) {
			login((listener) -> listener.ended(ended));
		}

		@Override
		public void loggedOut(CredentialId id, boolean revoked) {
			login((listener) -> listener.loggedOut(id, revoked));
		}

		@Override
		public String name() {
			return "bean '" + this.name + "'";
		}

	}

}
