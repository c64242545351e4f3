package io.github.oauth2pkce.testing.spring;

import java.util.List;
import java.util.Map;

import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.MergedContextConfiguration;
import org.springframework.test.context.support.TestPropertySourceUtils;

/**
 * What a context of a test gets; contexts with equal customizers are shared. Without the
 * properties, a test would find the developer's own logins, and ask for others. Where
 * logins are kept is for the application to say, too; who is asked, for the test only.
 *
 * @param providers whose authorization server is the test's own
 * @param bearers whether tests say which bearers there are
 */
record TestKitCustomizer(List<String> providers, boolean bearers) implements ContextCustomizer {

	static final String BEARERS = "oauth2PkceTestBearers";

	static final String SERVER = "oauth2PkceTestServer";

	@Override
	public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
		MutablePropertySources sources = context.getEnvironment().getPropertySources();
		sources.addLast(source("oauth2PkceTestDefaults", Map.of("oauth2.pkce.store.type", "memory")));
		MapPropertySource overrides = source("oauth2PkceTestOverrides",
				Map.of("oauth2.pkce.login.on-startup", "never"));
		if (sources.contains(TestPropertySourceUtils.INLINED_PROPERTIES_PROPERTY_SOURCE_NAME)) {
			sources.addAfter(TestPropertySourceUtils.INLINED_PROPERTIES_PROPERTY_SOURCE_NAME, overrides);
		}
		else {
			sources.addFirst(overrides);
		}
		if (this.bearers) {
			// Found as a post-processor by its type, like any other.
			context.getBeanFactory().registerSingleton(BEARERS, new TestBearers());
		}
		if (!this.providers.isEmpty()) {
			startServer(context);
		}
	}

	private void startServer(ConfigurableApplicationContext context) {
		TestServer server = TestServer.start(this.providers, context.getEnvironment());
		context.getEnvironment().getPropertySources().addFirst(source("oauth2PkceTestServer", server.properties()));
		context.getBeanFactory().registerSingleton(SERVER, server);
		context.getBeanFactory().registerSingleton("fakeAuthorizationServer", server.server());
		if (context.getBeanFactory() instanceof DefaultSingletonBeanRegistry beans) {
			beans.registerDisposableBean("fakeAuthorizationServer", server.server()::close);
		}
		if (context.getBeanFactory() instanceof BeanDefinitionRegistry definitions) {
			RootBeanDefinition browser = new RootBeanDefinition(TestBrowser.class);
			browser.setFallback(true);
			definitions.registerBeanDefinition("oauth2PkceTestBrowser", browser);
		}
	}

	private static MapPropertySource source(String name, Map<String, Object> properties) {
		return new MapPropertySource(name, properties);
	}

}
