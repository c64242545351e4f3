package io.github.oauth2pkce.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Throws something at one of the calls that leave the code under test. A run without a
 * fault shows how many there are; then each of them can be made to fail. Thread-safe.
 */
public final class Faults {

	private final List<String> calls = new ArrayList<>();

	private int failing = -1;

	private Fault fault = Fault.EXCEPTION;

	private boolean armed;

	/**
	 * Counts calls from now on, none of which fails.
	 */
	public synchronized void count() {
		arm(-1, Fault.EXCEPTION);
	}

	/**
	 * Counts calls from now on, and lets one fail.
	 * @param call which one, from 0
	 * @param fault how
	 */
	public synchronized void arm(int call, Fault fault) {
		this.calls.clear();
		this.failing = call;
		this.fault = fault;
		this.armed = true;
	}

	/** Lets everything pass, uncounted. */
	public synchronized void disarm() {
		this.armed = false;
	}

	/**
	 * {@return what was called since, in order}
	 */
	public synchronized List<String> calls() {
		return List.copyOf(this.calls);
	}

	/**
	 * Whether the call that was to fail has been reached.
	 * @return {@code false} when there were fewer calls
	 */
	public synchronized boolean reached() {
		return this.failing >= 0 && this.calls.size() > this.failing;
	}

	/**
	 * A call that leaves the code under test.
	 * @param name what is called
	 */
	public void call(String name) {
		Fault now;
		synchronized (this) {
			if (!this.armed) {
				return;
			}
			this.calls.add(name);
			now = (this.calls.size() - 1 == this.failing) ? this.fault : null;
		}
		if (now != null) {
			now.happen(name);
		}
	}

	/**
	 * A clock that may fail.
	 * @param name its name
	 * @param clock the clock
	 * @return the same clock
	 */
	public InstantSource clock(String name, InstantSource clock) {
		return () -> {
			call(name);
			return clock.instant();
		};
	}

	/**
	 * Anything that may fail whenever it is called.
	 * @param type its interface
	 * @param target what is called
	 * @param <T> its interface
	 * @return the same
	 */
	public <T> T wrap(Class<T> type, T target) {
		return type
			.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, (proxy, method, arguments) -> {
				if (method.getDeclaringClass() != Object.class) {
					call(type.getSimpleName() + "." + method.getName());
				}
				try {
					Object result = method.invoke(target, arguments);
					Class<?> returned = method.getReturnType();
					boolean wrapped = result != null && returned.isInterface() && returned.isMemberClass();
					return wrapped ? wrapAs(returned, result) : result;
				}
				catch (InvocationTargetException ex) {
					throw ex.getCause();
				}
			}));
	}

	private <T> T wrapAs(Class<T> type, Object target) {
		return wrap(type, type.cast(target));
	}

	/** What may happen at a call. */
	public enum Fault {

		/** Such as that of a thread that cannot be started. */
		OUT_OF_MEMORY {
			@Override
			void happen(String call) {
				throw new OutOfMemoryError("injected at " + call);
			}
		},

		/** Such as that of a jar that was replaced. */
		NO_CLASS {
			@Override
			void happen(String call) {
				throw new NoClassDefFoundError("injected/at/" + call);
			}
		},

		/** Deep down in other people's code. */
		STACK_OVERFLOW {
			@Override
			void happen(String call) {
				throw new StackOverflowError("injected at " + call);
			}
		},

		/** Any. */
		EXCEPTION {
			@Override
			void happen(String call) {
				throw new IllegalStateException("injected at " + call);
			}
		},

		/** Somebody stops the thread. */
		INTERRUPT {
			@Override
			void happen(String call) {
				Thread.currentThread().interrupt();
			}
		};

		abstract void happen(String call);

	}

}
