package io.github.oauth2pkce.configuration;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

/** Which property a person may have meant who wrote one that does not exist. */
final class PropertySpelling {

	private static final String PREFIX = "oauth2.pkce.";

	private static final String PROVIDERS = "providers";

	private static final int UNLIKE = 4;

	private PropertySpelling() {
	}

	/**
	 * The most similar property.
	 * @param name a name below {@code oauth2.pkce} that does not exist
	 * @return the path of one that does, {@code null} when none is like it
	 */
	static @Nullable String suggest(ConfigurationPropertyName name) {
		List<String> elements = new ArrayList<>();
		for (int i = 2; i < name.getNumberOfElements(); i++) {
			if (!name.isNumericIndex(i)) {
				elements.add(name.getElement(i, Form.ORIGINAL));
			}
		}
		List<Guess> guesses = new ArrayList<>(guesses(PREFIX, keys(OAuth2PkceProperties.class), elements, 0));
		List<String> keys = keys(ProviderProperties.class);
		if (elements.size() > 2) {
			guesses.addAll(guesses(ProviderSettings.prefix(elements.get(1)) + ".", keys,
					elements.subList(2, elements.size()), distance(elements.get(0), PROVIDERS)));
		}
		if (elements.size() > 1) {
			guesses.addAll(guesses(ProviderSettings.prefix(elements.get(0)) + ".", keys,
					elements.subList(1, elements.size()), 1));
		}
		guesses.addAll(guesses(PREFIX + PROVIDERS + ".<id>.", keys, elements, 2));
		return guesses.stream()
			.filter((guess) -> guess.distance() < UNLIKE)
			.min(Comparator.comparingInt(Guess::distance).thenComparingInt((guess) -> guess.path().length()))
			.map(Guess::path)
			.orElse(null);
	}

	private static List<Guess> guesses(String prefix, List<String> keys, List<String> elements, int distance) {
		String written = String.join(".", elements);
		return keys.stream().map((key) -> new Guess(prefix + key, distance + distance(written, key))).toList();
	}

	/** The keys of a record, those of the records in it included. */
	private static List<String> keys(Class<?> type) {
		List<String> keys = new ArrayList<>();
		for (RecordComponent component : type.getRecordComponents()) {
			String key = DataObjectPropertyName.toDashedForm(component.getName());
			if (component.getType().isRecord()) {
				keys(component.getType()).forEach((below) -> keys.add(key + "." + below));
			}
			else if (component.getType() != Map.class || type != OAuth2PkceProperties.class) {
				keys.add(key);
			}
		}
		return keys;
	}

	/** As Boot compares names; half a name counts as one that is a little wrong. */
	private static int distance(String written, String key) {
		String one = uniform(written);
		String other = uniform(key);
		int distance = levenshtein(one, other);
		boolean part = one.length() > 3 && (other.contains(one) || one.contains(other));
		int most = Math.min(one.length(), other.length()) / 2;
		return part ? Math.min(distance, 2) : ((distance <= most) ? distance : UNLIKE);
	}

	private static String uniform(String name) {
		return name.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
	}

	private static int levenshtein(String one, String other) {
		int[] row = new int[other.length() + 1];
		for (int j = 0; j <= other.length(); j++) {
			row[j] = j;
		}
		for (int i = 1; i <= one.length(); i++) {
			int diagonal = row[0];
			row[0] = i;
			for (int j = 1; j <= other.length(); j++) {
				int replaced = diagonal + ((one.charAt(i - 1) == other.charAt(j - 1)) ? 0 : 1);
				diagonal = row[j];
				row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
			}
		}
		return row[other.length()];
	}

	private record Guess(String path, int distance) {

	}

}
