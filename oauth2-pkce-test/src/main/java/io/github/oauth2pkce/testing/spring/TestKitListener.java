package io.github.oauth2pkce.testing.spring;

import io.github.oauth2pkce.Providers;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestExecutionListener;

/** Begins and ends what annotations say for the time of a test. */
final class TestKitListener implements TestExecutionListener {

	@Override
	public void beforeTestMethod(TestContext test) {
		if (has(test, TestKitCustomizer.BEARERS)) {
			ObjectProvider<Providers> providers = test.getApplicationContext().getBeanProvider(Providers.class);
			bearers(test).begin(test.getTestClass(), test.getTestMethod(), providers.getIfAvailable(() -> {
				throw new IllegalStateException("The context of this test has no oauth2-pkce-starter: a slice leaves "
						+ "it out. Add @ImportAutoConfiguration(PkceAutoConfiguration.class), and that of the client.");
			}));
		}
	}

	@Override
	public void afterTestMethod(TestContext test) {
		if (has(test, TestKitCustomizer.BEARERS)) {
			bearers(test).end();
		}
		if (has(test, TestKitCustomizer.SERVER)) {
			test.getApplicationContext()
				.getBean(TestKitCustomizer.SERVER, TestServer.class)
				.reset(test.getApplicationContext());
		}
	}

	private static TestBearers bearers(TestContext test) {
		return test.getApplicationContext().getBean(TestKitCustomizer.BEARERS, TestBearers.class);
	}

	private static boolean has(TestContext test, String bean) {
		return test.hasApplicationContext() && test.getApplicationContext().containsBean(bean);
	}

}
