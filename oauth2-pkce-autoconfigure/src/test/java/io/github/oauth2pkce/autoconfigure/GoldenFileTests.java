package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import io.github.oauth2pkce.configuration.ProviderProperties;
import io.github.oauth2pkce.docs.UserTypesTests;
import io.github.oauth2pkce.observability.AuthorizationServerObservationConvention;
import io.github.oauth2pkce.observability.PkceMeter;
import io.github.oauth2pkce.observability.PkceObservation;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.StringUtils;

/** What users may rely on, as text: every change to it is seen in review. */
class GoldenFileTests {

	private static final Path CLASSES = Path.of("target/classes");

	/**
	 * No annotation can have these, since Spring's shape comes before them:
	 * {@code PkceAutoConfigurationTests} looks at them.
	 */
	private static final Map<String, String> DEFAULTS = Map.of("oauth2.pkce.providers.<id>.authorization-grant-type",
			"device_code", "oauth2.pkce.providers.<id>.client-authentication-method", "none");

	/** What users are promised: the types that the index of the documents names. */
	@Test
	@Tag("newest")
	void typesForUsersAreThoseWeMean() throws IOException {
		StringBuilder text = new StringBuilder();
		publicTypes().filter(GoldenFileTests::isForUsers).forEach((type) -> describe(type, text));
		Golden.assertSame("api.txt", text.toString());
	}

	/** Public because packages need each other: what they are, and not what they do. */
	@Test
	@Tag("newest")
	void otherPublicTypesAreThoseWeMean() throws IOException {
		Golden.assertSame("public-within.txt",
				publicTypes().filter((type) -> !isForUsers(type))
					.map((type) -> kind(type) + " " + type.getName() + "\n")
					.collect(Collectors.joining()));
	}

	private static Stream<Class<?>> publicTypes() throws IOException {
		try (Stream<Path> files = Files.walk(CLASSES.resolve("io"))) {
			return files.map(CLASSES::relativize)
				.map(Path::toString)
				.filter((name) -> name.endsWith(".class") && !name.endsWith("package-info.class"))
				.map((name) -> name.substring(0, name.length() - 6).replace('/', '.').replace('\\', '.'))
				.sorted()
				.<Class<?>>map(GoldenFileTests::load)
				.filter(GoldenFileTests::isVisible)
				.toList()
				.stream();
		}
	}

	private static boolean isForUsers(Class<?> type) {
		Class<?> outermost = type;
		while (outermost.getEnclosingClass() != null) {
			outermost = outermost.getEnclosingClass();
		}
		return UserTypesTests.listed().contains(outermost.getSimpleName());
	}

	private static Class<?> load(String name) {
		try {
			return Class.forName(name, false, GoldenFileTests.class.getClassLoader());
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static boolean isVisible(Class<?> type) {
		boolean visible = Modifier.isPublic(type.getModifiers()) && !type.isAnonymousClass();
		Class<?> outer = type.getEnclosingClass();
		return visible && (outer == null || isVisible(outer));
	}

	private static void describe(Class<?> type, StringBuilder text) {
		Set<String> members = new TreeSet<>();
		for (Field field : type.getDeclaredFields()) {
			if (Modifier.isPublic(field.getModifiers())) {
				members.add("field " + field.getName() + ": " + simple(field.getGenericType()));
			}
		}
		for (Constructor<?> constructor : type.getDeclaredConstructors()) {
			if (isPublicApi(constructor) && !type.isRecord()) {
				members.add("new(" + parameters(constructor) + ")");
			}
		}
		Set<String> components = new TreeSet<>();
		if (type.isRecord()) {
			Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).forEach(components::add);
		}
		for (Method method : type.getDeclaredMethods()) {
			boolean generated = method.getParameterCount() == 0 && components.contains(method.getName())
					|| Set.of("toString", "hashCode", "equals", "values", "valueOf").contains(method.getName());
			if (isPublicApi(method) && !generated && !method.isBridge()) {
				members.add((Modifier.isStatic(method.getModifiers()) ? "static " : "") + method.getName() + "("
						+ parameters(method) + "): " + simple(method.getGenericReturnType()));
			}
		}
		String record = type.isRecord() ? Arrays.stream(type.getRecordComponents())
			.map((component) -> simple(component.getGenericType()) + " " + component.getName())
			.collect(Collectors.joining(", ", "(", ")")) : "";
		text.append(kind(type)).append(' ').append(type.getName()).append(record).append('\n');
		members.forEach((member) -> text.append("  ").append(member).append('\n'));
	}

	private static boolean isPublicApi(Executable executable) {
		return Modifier.isPublic(executable.getModifiers()) && !executable.isSynthetic();
	}

	private static String kind(Class<?> type) {
		if (type.isRecord()) {
			return "record";
		}
		if (type.isEnum()) {
			return "enum";
		}
		return type.isInterface() ? "interface" : (Modifier.isFinal(type.getModifiers()) ? "final class" : "class");
	}

	private static String parameters(Executable executable) {
		return Arrays.stream(executable.getGenericParameterTypes())
			.map(GoldenFileTests::simple)
			.collect(Collectors.joining(", "));
	}

	private static String simple(Type type) {
		return type.getTypeName().replaceAll("[a-z0-9]+\\.(?=[a-zA-Z])", "").replaceAll("\\w+\\$", "");
	}

	@Test
	void propertiesAreThoseWeMean() throws IOException {
		StringBuilder text = new StringBuilder("| property | type | default | |\n|---|---|---|---|\n");
		properties().values().forEach(text::append);
		Golden.assertSame("properties.md", text.toString());
		Golden.assertSameInPage("configuration.md", "properties", text.toString());
	}

	/**
	 * Of the metadata for IDEs, which cannot describe the values of a map: those come
	 * from the record that they are bound to, and its source for the description.
	 */
	@SuppressWarnings("unchecked")
	private static Map<String, String> properties() throws IOException {
		Map<String, String> rows = new TreeMap<>();
		Map<String, Object> metadata = (Map<String, Object>) JsonMapper.shared()
			.readValue(Files.readString(CLASSES.resolve("META-INF/spring-configuration-metadata.json")), Map.class);
		for (Map<String, Object> property : (List<Map<String, Object>>) metadata.getOrDefault("properties",
				List.of())) {
			String name = String.valueOf(property.get("name"));
			if (!name.equals("oauth2.pkce.providers")) {
				String type = String.valueOf(property.get("type"));
				rows.put(name, row(name, simpleName(type), property.get("defaultValue"),
						String.valueOf(property.getOrDefault("description", ""))));
			}
		}
		rows.putAll(ofRecord("oauth2.pkce.providers.<id>.", ProviderProperties.class));
		return rows;
	}

	private static Map<String, String> ofRecord(String prefix, Class<?> type) throws IOException {
		Map<String, String> rows = new TreeMap<>();
		Constructor<?> constructor = type.getDeclaredConstructors()[0];
		RecordComponent[] components = type.getRecordComponents();
		for (int i = 0; i < components.length; i++) {
			RecordComponent component = components[i];
			String name = prefix + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
			if (component.getType().isRecord()) {
				rows.putAll(ofRecord(name + ".", component.getType()));
				continue;
			}
			DefaultValue value = constructor.getParameters()[i].getAnnotation(DefaultValue.class);
			String defaultValue = (value != null) ? String.join(",", value.value()) : DEFAULTS.getOrDefault(name, "");
			rows.put(name, row(name, simpleName(component.getGenericType().getTypeName()), defaultValue,
					description(type, component.getName())));
		}
		return rows;
	}

	/** Of the record's own: others have components of the same name. */
	private static String description(Class<?> type, String component) throws IOException {
		String file = Files
			.readString(Path.of("src/main/java/io/github/oauth2pkce/configuration/ProviderProperties.java"));
		int end = file.indexOf("record " + type.getSimpleName() + "(");
		String source = file.substring(file.lastIndexOf("/**", end), end);
		List<String> lines = new ArrayList<>();
		boolean inside = false;
		for (String line : source.lines().map(String::strip).toList()) {
			if (line.startsWith("* @param ") || !line.startsWith("* ")) {
				inside = line.startsWith("* @param " + component + " ");
			}
			if (inside) {
				lines.add(line.replace("* @param " + component + " ", "").replaceFirst("^\\* ", ""));
			}
		}
		return String.join(" ", lines);
	}

	private static String row(String name, String type, @Nullable Object defaultValue, String description) {
		String text = (defaultValue instanceof List<?> list)
				? list.stream().map(String::valueOf).collect(Collectors.joining(","))
				: ((defaultValue != null) ? defaultValue.toString() : "");
		// What looks like a tag vanishes on a page, unless it is code.
		String shown = type.contains("<") ? "`" + type + "`" : type;
		return "| `" + name + "` | " + shown + " | " + (text.isEmpty() ? "" : "`" + text + "`") + " | " + description
				+ " |\n";
	}

	/** The choices of a closed set, else the type without its package. */
	private static String simpleName(String type) {
		if (type.contains("oauth2pkce") && load(type).isEnum()) {
			return Arrays.stream(load(type).getEnumConstants())
				.map((choice) -> "`" + shown((Enum<?>) choice) + "`")
				.collect(Collectors.joining(", "));
		}
		String simple = type.replaceAll("[a-z0-9]+\\.(?=[a-zA-Z])", "").replaceAll("\\w+\\$", "");
		return simple.equals("int") ? "Integer" : StringUtils.capitalize(simple);
	}

	/** As it says itself, else as Boot writes choices. */
	private static String shown(Enum<?> choice) {
		String text = choice.toString();
		return text.equals(choice.name()) ? text.toLowerCase(Locale.ROOT).replace('_', '-') : text;
	}

	@Test
	void metersAreThoseWeMean() throws IOException {
		StringBuilder text = new StringBuilder("| meter | type | tags | |\n|---|---|---|---|\n");
		for (PkceMeter meter : PkceMeter.values()) {
			text.append("| `" + meter.meterName() + "` | " + meter.type() + " | "
					+ meter.tags().stream().map((tag) -> "`" + tag + "`").collect(Collectors.joining(", ")) + " | "
					+ meter.description() + " |\n");
		}
		Golden.assertSame("meters.md", text.toString());
		Golden.assertSameInPage("meters.md", "meters", text.toString());
	}

	@Test
	void observationsAreThoseWeMean() {
		String keys = Arrays.stream(PkceObservation.AUTHORIZATION_SERVER_REQUEST.getLowCardinalityKeyNames())
			.map((key) -> "`" + key.asString() + "`")
			.collect(Collectors.joining(", "));
		Golden.assertSameInPage("meters.md", "observations", "| observation | keys |\n|---|---|\n| `"
				+ AuthorizationServerObservationConvention.NAME + "` | " + keys + " |\n");
	}

}
