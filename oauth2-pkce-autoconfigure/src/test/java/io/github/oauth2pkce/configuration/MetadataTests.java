package io.github.oauth2pkce.configuration;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

import io.github.oauth2pkce.Grant;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an IDE shows of the properties: of the built metadata, and for the keys of a
 * provider, which are values of a map, of the record and its source.
 */
class MetadataTests {

	private static final Path METADATA = Path.of("target/classes/META-INF/spring-configuration-metadata.json");

	private static final Path SOURCE = Path
		.of("src/main/java/io/github/oauth2pkce/configuration/ProviderProperties.java");

	/** Two or more choices, as in "'a' or 'b'" and "'a', 'b'". */
	private static final Pattern CHOICES = Pattern.compile("'[a-z_-]+'( \\([^)]*\\))?(,| or) '[a-z_-]+'");

	@ParameterizedTest
	@MethodSource("properties")
	void propertyIsDescribed(Map<String, Object> property) {
		assertThat(String.valueOf(property.get("description"))).as(property.get("name").toString())
			.matches("(?s)[A-Z].*\\.");
	}

	@ParameterizedTest
	@MethodSource("properties")
	void textWithChoicesHasHints(Map<String, Object> property) throws IOException {
		boolean choices = "java.lang.String".equals(property.get("type"))
				&& CHOICES.matcher(String.valueOf(property.get("description"))).find();
		assertThat(choices && !hinted().contains(property.get("name"))).as(property.get("name").toString()).isFalse();
	}

	@ParameterizedTest
	@MethodSource("properties")
	@SuppressWarnings("unchecked")
	void deprecatedPropertyNamesItsSuccessor(Map<String, Object> property) {
		if (property.get("deprecation") instanceof Map<?, ?> deprecation) {
			assertThat((Map<String, Object>) deprecation).containsKeys("replacement", "since");
		}
		assertThat(property).doesNotContainKey("deprecated");
	}

	@Test
	void hintsAreForPropertiesThatExist() throws IOException {
		assertThat(properties().map((property) -> property.get("name")).toList()).containsAll(hinted());
	}

	@Test
	void eachKeyOfAProviderIsDescribed() throws IOException {
		Map<String, String> descriptions = ofRecord("", ProviderProperties.class);
		assertThat(descriptions).hasSizeGreaterThan(60);
		assertThat(descriptions)
			.allSatisfy((key, description) -> assertThat(description).as(key).matches("(?s)[A-Z].*[.]"));
	}

	@Test
	void closedSetsOfAProviderAreNamedInFull() throws IOException {
		Map<String, String> descriptions = ofRecord("", ProviderProperties.class);
		assertThat(quoted(descriptions, "authorizationGrantType"))
			.containsExactlyInAnyOrderElementsOf(Arrays.stream(Grant.values()).map(Grant::property).toList());
		assertThat(quoted(descriptions, "clientAuthenticationMethod")).contains("none", "client_secret_basic",
				"client_secret_post", "client_secret_jwt", "private_key_jwt", "tls_client_auth",
				"self_signed_tls_client_auth");
		assertThat(quoted(descriptions, "subjectToken.type")).contains("jwt", "access_token", "id_token",
				"refresh_token", "saml2");
	}

	private static Set<String> quoted(Map<String, String> descriptions, String key) {
		Matcher matcher = Pattern.compile("'([a-z0-9_-]+)'").matcher(String.valueOf(descriptions.get(key)));
		return matcher.results().map((result) -> result.group(1)).collect(Collectors.toSet());
	}

	/** IDEs show the first of the record's own parameters of that name. */
	private static Map<String, String> ofRecord(String prefix, Class<?> type) throws IOException {
		String file = Files.readString(SOURCE);
		int end = file.indexOf("record " + type.getSimpleName() + "(");
		String source = file.substring(file.lastIndexOf("/**", end), end);
		Map<String, String> descriptions = new LinkedHashMap<>();
		for (RecordComponent component : type.getRecordComponents()) {
			String name = component.getName();
			Matcher matcher = Pattern.compile("(?s)@param " + name + " (.*?)(\\* @param|\\*/)").matcher(source);
			descriptions.put(prefix + name,
					matcher.find() ? matcher.group(1).replaceAll("\\s*\\n\\s*\\* ?", " ").strip() : "");
			if (component.getType().isRecord()) {
				descriptions.putAll(ofRecord(prefix + name + ".", component.getType()));
			}
		}
		return descriptions;
	}

	static Stream<Map<String, Object>> properties() throws IOException {
		return list("properties").stream();
	}

	private static List<String> hinted() throws IOException {
		List<String> names = new ArrayList<>();
		for (Map<String, Object> hint : list("hints")) {
			names.add(hint.get("name").toString().replaceAll("\\.(keys|values)$", ""));
		}
		return names;
	}

	@SuppressWarnings("unchecked")
	private static List<Map<String, Object>> list(String name) throws IOException {
		return (List<Map<String, Object>>) JsonMapper.shared()
			.readValue(Files.readString(METADATA), Map.class)
			.get(name);
	}

}
