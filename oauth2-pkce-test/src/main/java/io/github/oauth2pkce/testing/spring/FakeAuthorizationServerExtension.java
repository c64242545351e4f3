package io.github.oauth2pkce.testing.spring;

import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

import io.github.oauth2pkce.testing.FakeAuthorizationServer;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/**
 * Gives test methods a parameter of the type {@link FakeAuthorizationServer}. In a class
 * with {@link WithAuthorizationServer} it is the server of the Spring context; in any
 * other class, one that starts with the class, is reset before each test and takes every
 * client.
 */
public final class FakeAuthorizationServerExtension implements ParameterResolver, BeforeEachCallback {

	private static final Namespace NAMESPACE = Namespace.create(FakeAuthorizationServerExtension.class);

	/**
	 * Creates the extension, for {@code @ExtendWith} and {@code @RegisterExtension}.
	 */
	public FakeAuthorizationServerExtension() {
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		FakeAuthorizationServer own = context.getStore(NAMESPACE)
			.get(FakeAuthorizationServer.class, FakeAuthorizationServer.class);
		if (own != null) {
			own.reset();
		}
	}

	@Override
	public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
		return parameter.getParameter().getType() == FakeAuthorizationServer.class
				&& !parameter.isAnnotated(Autowired.class);
	}

	@Override
	public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
		if (hasContext(context)) {
			return SpringExtension.getApplicationContext(context).getBean(FakeAuthorizationServer.class);
		}
		ExtensionContext ofClass = context.getParent()
			.filter((parent) -> parent.getTestClass().isPresent())
			.orElse(context);
		return ofClass.getStore(NAMESPACE)
			.computeIfAbsent(FakeAuthorizationServer.class, (type) -> FakeAuthorizationServer.start().acceptAnyClient(),
					FakeAuthorizationServer.class);
	}

	private static boolean hasContext(ExtensionContext context) {
		return AnnotationSupport.isAnnotated(context.getRequiredTestClass(), WithAuthorizationServer.class)
				|| context.getEnclosingTestClasses()
					.stream()
					.anyMatch((type) -> AnnotationSupport.isAnnotated(type, WithAuthorizationServer.class));
	}

}
