package io.github.oauth2pkce;

import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.http.HttpHeaders;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A record prints all that it holds, unless somebody thought of it. Each one that has a
 * component by the name of a secret, or of what carries them, is filled and printed.
 */
class PrintedRecordsTests {

	/** Long enough for a code verifier. */
	private static final String SECRET = "S3CRET".repeat(8);

	private static final String HARMLESS = "x".repeat(48);

	private static final Pattern HOLDS_SECRETS = Pattern.compile(
			"(?i).*token|.*secret|deviceCode|.*verifier|headers?|headerValue|query|body|additionalParameters|encryptionKey|.*keys|keyPassword|presented");

	static Stream<Class<?>> records() {
		return new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
			.importPackages("io.github.oauth2pkce")
			.stream()
			.filter(JavaClass::isRecord)
			.<Class<?>>map(JavaClass::reflect)
			.filter((type) -> Stream.of(type.getRecordComponents()).anyMatch(PrintedRecordsTests::holdsSecrets));
	}

	private static boolean holdsSecrets(RecordComponent component) {
		// Addresses of endpoints are known to everybody.
		return component.getType() != URI.class && HOLDS_SECRETS.matcher(component.getName()).matches();
	}

	@ParameterizedTest
	@MethodSource("records")
	void printsNoSecret(Class<?> type) throws ReflectiveOperationException {
		assertThat(fill(type).toString()).doesNotContain(SECRET);
	}

	private static Object fill(Class<?> type) throws ReflectiveOperationException {
		RecordComponent[] components = type.getRecordComponents();
		Constructor<?> constructor = type
			.getDeclaredConstructor(Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
		constructor.setAccessible(true);
		@Nullable Object[] values = new Object[components.length];
		for (int i = 0; i < values.length; i++) {
			values[i] = value(components[i].getType(), holdsSecrets(components[i]) ? SECRET : HARMLESS);
		}
		return constructor.newInstance(values);
	}

	private static @Nullable Object value(Class<?> type, String text) throws ReflectiveOperationException {
		List<Object> values = Arrays.asList(text, URI.create("http://x/" + text), List.of(text), Set.of(text),
				Map.of("name", List.of(text)), headers(text), Duration.ZERO, Instant.EPOCH,
				text.getBytes(StandardCharsets.UTF_8), DpopKey.generate(), false, 0, 0L);
		Class<?> boxed = MethodType.methodType(type).wrap().returnType();
		for (Object value : values) {
			if (boxed.isInstance(value)) {
				return value;
			}
		}
		if (type.isRecord()) {
			return fill(type);
		}
		return type.isEnum() ? type.getEnumConstants()[0] : null;
	}

	private static HttpHeaders headers(String text) {
		HttpHeaders headers = new HttpHeaders();
		headers.add("name", text);
		return headers;
	}

}
