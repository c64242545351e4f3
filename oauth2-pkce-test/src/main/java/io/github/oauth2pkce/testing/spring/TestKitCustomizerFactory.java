package io.github.oauth2pkce.testing.spring;

import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.TestContextAnnotationUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** Looks at what a test class needs of its context. */
final class TestKitCustomizerFactory implements ContextCustomizerFactory {

	/** The server can be used without the starter. */
	private static final boolean STARTER = ClassUtils.isPresent("io.github.oauth2pkce.bearer.BearerTokenSource",
			TestKitCustomizerFactory.class.getClassLoader());

	@Override
	public @Nullable ContextCustomizer createContextCustomizer(Class<?> testClass,
			List<ContextConfigurationAttributes> configuration) {
		if (!STARTER) {
			return null;
		}
		WithAuthorizationServer server = TestContextAnnotationUtils.findMergedAnnotation(testClass,
				WithAuthorizationServer.class);
		List<String> providers = (server != null) ? Arrays.stream(server.value()).distinct().sorted().toList()
				: List.of();
		return new TestKitCustomizer(providers, saysBearers(testClass));
	}

	private static boolean saysBearers(Class<?> testClass) {
		return !TestBearers.annotationsOf(testClass).isEmpty()
				|| Arrays.stream(ReflectionUtils.getAllDeclaredMethods(testClass))
					.anyMatch((method) -> AnnotatedElementUtils.hasAnnotation(method, WithBearer.class)
							|| AnnotatedElementUtils.hasAnnotation(method, WithBearer.List.class)
							|| AnnotatedElementUtils.hasAnnotation(method, WithoutBearer.class)
							|| AnnotatedElementUtils.hasAnnotation(method, WithoutBearer.List.class));
	}

}
