package io.github.oauth2pkce.testing;

import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What tests of applications may rely on, as text: every change to it is seen in review.
 * {@code -Dgolden.update=true} writes it anew.
 */
class ApiTests {

	private static final Path CLASSES = Path.of("target/classes");

	private static final Path GOLDEN = Path.of("src/test/resources/golden/api.txt");

	@Test
	void apiIsTheOneWeMean() throws Exception {
		StringBuilder text = new StringBuilder();
		for (Class<?> type : publicTypes()) {
			describe(type, text);
		}
		if (Boolean.getBoolean("golden.update")) {
			Files.writeString(GOLDEN, text);
		}
		assertThat(text.toString()).isEqualTo(Files.readString(GOLDEN));
	}

	private static Iterable<Class<?>> publicTypes() throws IOException {
		try (Stream<Path> files = Files.walk(CLASSES.resolve("io"))) {
			return files.map((file) -> CLASSES.relativize(file).toString())
				.filter((name) -> name.endsWith(".class") && !name.endsWith("package-info.class"))
				.map((name) -> name.substring(0, name.length() - 6).replaceAll("[/\\\\]", "."))
				.sorted()
				.<Class<?>>map(ApiTests::load)
				.filter(ApiTests::isVisible)
				.toList();
		}
	}

	private static Class<?> load(String name) {
		try {
			return Class.forName(name, false, ApiTests.class.getClassLoader());
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static boolean isVisible(Class<?> type) {
		Class<?> outer = type.getEnclosingClass();
		return isApi(type.getModifiers()) && !type.isAnonymousClass() && (outer == null || isVisible(outer));
	}

	/** Also what subclasses may override. */
	private static boolean isApi(int modifiers) {
		return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
	}

	private static void describe(Class<?> type, StringBuilder text) {
		Set<String> members = new TreeSet<>();
		Arrays.stream(type.getDeclaredFields())
			.filter((field) -> isApi(field.getModifiers()))
			.forEach((field) -> members.add("field " + field.getName() + ": " + simple(field.getGenericType())));
		Arrays.stream(type.getDeclaredConstructors())
			.filter((constructor) -> isApi(constructor) && !type.isRecord())
			.forEach((constructor) -> members.add("new(" + parameters(constructor) + ")"));
		for (Method method : type.getDeclaredMethods()) {
			if (isApi(method) && !method.isBridge() && !isGenerated(type, method)) {
				members.add((Modifier.isStatic(method.getModifiers()) ? "static " : "") + method.getName() + "("
						+ parameters(method) + "): " + simple(method.getGenericReturnType()));
			}
		}
		text.append(kind(type)).append(' ').append(type.getName()).append(components(type)).append('\n');
		members.forEach((member) -> text.append("  ").append(member).append('\n'));
	}

	private static boolean isApi(Executable executable) {
		return isApi(executable.getModifiers()) && !executable.isSynthetic();
	}

	private static boolean isGenerated(Class<?> type, Method method) {
		return Set.of("toString", "hashCode", "equals", "values", "valueOf").contains(method.getName())
				|| type.isRecord() && method.getParameterCount() == 0 && Arrays.stream(type.getRecordComponents())
					.anyMatch((component) -> component.getName().equals(method.getName()));
	}

	private static String kind(Class<?> type) {
		if (type.isAnnotation()) {
			return "annotation";
		}
		if (type.isRecord()) {
			return "record";
		}
		if (type.isEnum()) {
			return "enum";
		}
		return type.isInterface() ? "interface"
				: Modifier.toString(type.getModifiers()).replace("public ", "") + " class";
	}

	private static String components(Class<?> type) {
		RecordComponent[] components = type.getRecordComponents();
		return (components != null) ? Arrays.stream(components)
			.map((component) -> simple(component.getGenericType()) + " " + component.getName())
			.collect(Collectors.joining(", ", "(", ")")) : "";
	}

	private static String parameters(Executable executable) {
		return Arrays.stream(executable.getGenericParameterTypes())
			.map(ApiTests::simple)
			.collect(Collectors.joining(", "));
	}

	private static String simple(Type type) {
		return type.getTypeName().replaceAll("[a-z0-9]+\\.(?=[a-zA-Z])", "").replaceAll("\\w+\\$", "");
	}

}
