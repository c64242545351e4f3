package io.github.oauth2pkce.docs;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

/** The properties that the metadata of all jars on the class path describe. */
final class KnownProperties {

	private final Map<ConfigurationPropertyName, String> types = new HashMap<>();

	KnownProperties() throws IOException {
		for (URL metadata : Collections
			.list(KnownProperties.class.getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
			try (InputStream in = metadata.openStream()) {
				read(JsonMapper.shared().readValue(in, Map.class));
			}
		}
	}

	private void read(Map<?, ?> metadata) {
		for (Object property : (List<?>) metadata.get("properties")) {
			Map<?, ?> description = (Map<?, ?>) property;
			// Some of those of Boot's tests are no names.
			ConfigurationPropertyName name = ConfigurationPropertyName.adapt(String.valueOf(description.get("name")),
					'.');
			this.types.put(name, String.valueOf(description.get("type")));
		}
	}

	/** Whether a property exists, or an entry of a map or list that is one. */
	boolean contains(ConfigurationPropertyName name) {
		if (this.types.containsKey(name)) {
			return true;
		}
		for (int size = name.getNumberOfElements() - 1; size > 0; size--) {
			ConfigurationPropertyName ancestor = name.chop(size);
			String type = this.types.getOrDefault(ancestor, "");
			boolean element = type.startsWith("java.util.List") || type.startsWith("java.util.Set")
					|| type.endsWith("[]");
			if (type.startsWith("java.util.Map") || element && name.isNumericIndex(size)) {
				return !name.getElement(size, Form.ORIGINAL).isEmpty();
			}
		}
		return false;
	}

}
