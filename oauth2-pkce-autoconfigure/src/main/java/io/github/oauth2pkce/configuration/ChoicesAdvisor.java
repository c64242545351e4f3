package io.github.oauth2pkce.configuration;

import java.util.Map;
import java.util.function.BiFunction;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.convert.ConversionFailedException;

/**
 * Says of a grant or a client authentication that is none what is said of those in
 * Spring's shape: Boot's own exception names constants of Java, and no choices. A blank
 * one counts as not set.
 */
public final class ChoicesAdvisor implements ConfigurationPropertiesBindHandlerAdvisor {

	private static final Map<Class<?>, BiFunction<String, String, InvalidPropertyException>> SENTENCES = Map.of(
			ProviderProperties.GrantType.class, RequestSettings::wrongGrant,
			ProviderProperties.AuthenticationMethod.class, ClientSettings::wrongMethod);

	@Override
	public BindHandler apply(BindHandler parent) {
		return new AbstractBindHandler(parent) {

			@Override
			public @Nullable Object onFailure(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
					Exception error) throws Exception {
				BiFunction<String, String, InvalidPropertyException> sentence = SENTENCES
					.get(target.getType().resolve(Object.class));
				if (sentence != null && error instanceof ConversionFailedException failed) {
					throw sentence.apply(name.toString(), String.valueOf(failed.getValue()).strip());
				}
				return super.onFailure(name, target, context, error);
			}

			/**
			 * Boot does not mind what is between letters and digits, or missing there.
			 */
			@Override
			public @Nullable Object onSuccess(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
					Object result) {
				ConfigurationProperty property = context.getConfigurationProperty();
				BiFunction<String, String, InvalidPropertyException> sentence = SENTENCES
					.get(target.getType().resolve(Object.class));
				if (sentence != null && property != null && result instanceof Enum<?> choice) {
					String value = String.valueOf(property.getValue()).strip();
					if (!value.contains("${") && !isNamed(choice, value)) {
						throw sentence.apply(name.toString(), value);
					}
				}
				return super.onSuccess(name, target, context, result);
			}

			/** Boot would call a property unknown that is there and leads to nothing. */
			@Override
			public void onFinish(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
					@Nullable Object result) throws Exception {
				if (result == null && SENTENCES.containsKey(target.getType().resolve(Object.class))) {
					super.onSuccess(name, target, context, "");
				}
				super.onFinish(name, target, context, result);
			}

		};
	}

	private static boolean isNamed(Enum<?> choice, String value) {
		return choice.name().equalsIgnoreCase(value.replaceAll("[-:]", "_"));
	}

}
