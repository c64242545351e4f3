package io.github.oauth2pkce.configuration;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.Provider.Exchange;
import io.github.oauth2pkce.configuration.ProviderProperties.TokenPlace;

import org.springframework.util.StringUtils;

/**
 * The foreign tokens of one provider: each from one place, and for grants that use it.
 */
final class ForeignTokenSettings {

	/** Where the documents have the kubelet mount it. */
	private static final String KUBERNETES = "/var/run/secrets/tokens/oauth2/token";

	private static final String SUBJECT = "subject-token";

	private static final String ACTOR = "actor-token";

	private static final Map<String, String> TYPES = Map.of("access_token", ForeignToken.ACCESS_TOKEN, "id_token",
			ForeignToken.ID_TOKEN, "refresh_token", ForeignToken.REFRESH_TOKEN, "jwt", ForeignToken.JWT, "saml2",
			ForeignToken.SAML2, "id_jag", ForeignToken.ID_JAG);

	private final String prefix;

	private final ProviderProperties own;

	ForeignTokenSettings(String prefix, ProviderProperties own) {
		this.prefix = prefix;
		this.own = own;
	}

	Exchange exchange(Grant grant) {
		ForeignToken subject = token(SUBJECT, this.own.subjectToken());
		ForeignToken actor = token(ACTOR, this.own.actorToken());
		String audience = text(this.own.tokenExchange().audience());
		String requested = text(this.own.tokenExchange().requestedTokenType());
		PropertyText.checkPlaceholder(this.prefix + ".token-exchange.audience", audience, false);
		if (!grant.needsForeignToken()) {
			checkNone(grant, SUBJECT, subject != null || isTyped(this.own.subjectToken()));
		}
		if (grant != Grant.TOKEN_EXCHANGE) {
			checkNone(grant, ACTOR, actor != null || isTyped(this.own.actorToken()));
			checkNone(grant, "token-exchange.audience", audience != null);
			checkNone(grant, "token-exchange.requested-token-type", requested != null);
		}
		if (grant.needsForeignToken() && subject == null) {
			throw wrong(SUBJECT, null, "is missing: the grant " + grant.property() + " needs a token to present",
					"Set one of its keys, such as " + this.prefix + "." + SUBJECT + ".file.");
		}
		return new Exchange(subject, actor, audience,
				(requested != null) ? type("token-exchange.requested-token-type", requested) : null);
	}

	private void checkNone(Grant grant, String key, boolean set) {
		if (set) {
			throw wrong(key, null, "is of no use with the grant " + grant.property(),
					"Remove it, or set " + this.prefix + ".authorization-grant-type to "
							+ (key.equals(SUBJECT) ? "jwt-bearer or token-exchange." : "token-exchange."));
		}
	}

	private static boolean isTyped(TokenPlace place) {
		return text(place.type()) != null;
	}

	/** What the client shows instead of signing. */
	@Nullable ForeignToken clientAssertion() {
		ProviderProperties.ClientAssertion place = this.own.clientAssertion();
		return token("client-assertion", new TokenPlace(place.file(), place.env(), place.provider(),
				place.githubActions(), place.kubernetes(), false, place.bean(), null));
	}

	private @Nullable ForeignToken token(String key, TokenPlace place) {
		Map<Source, String> places = places(place);
		List<String> set = places.keySet()
			.stream()
			.map((source) -> this.prefix + "." + key + "." + source.key())
			.toList();
		if (set.size() > 1) {
			throw wrong(key, null, "is said to come from more than one place: " + String.join(" and ", set),
					"Keep one of them.");
		}
		if (set.isEmpty()) {
			if (isTyped(place) && key.equals(ACTOR)) {
				throw wrong(key + ".type", place.type(), "is the type of a token that comes from nowhere",
						"Set one more key, such as " + this.prefix + "." + key + ".file, or remove it.");
			}
			return null;
		}
		Map.Entry<Source, String> only = places.entrySet().iterator().next();
		Source source = only.getKey();
		String value = only.getValue();
		PropertyText.checkPlaceholder(set.get(0), value, false);
		String type = type(key, source, text(place.type()));
		if (source == Source.PROVIDER && type.equals(ForeignToken.REFRESH_TOKEN)) {
			// Invariant: a refresh token goes to the issuer that it belongs to, only; and
			// one that rotates may be spent by showing it.
			throw wrong(key + ".type", place.type(),
					"would show the refresh token of provider '" + value
							+ "', which is sent for its own refreshes and for nothing else",
					"Use access_token or id_token; a refresh token of somebody else can come from " + this.prefix + "."
							+ key + ".file, .env or .bean.");
		}
		return new ForeignToken(source, value, type, set.get(0));
	}

	private static Map<Source, String> places(TokenPlace place) {
		Map<Source, String> places = new EnumMap<>(Source.class);
		put(places, Source.FILE, place.file());
		put(places, Source.ENV, place.env());
		put(places, Source.PROVIDER, place.provider());
		put(places, Source.GITHUB_ACTIONS, place.githubActions());
		put(places, Source.KUBERNETES, place.kubernetes() ? KUBERNETES : null);
		put(places, Source.CURRENT_USER, place.currentUser() ? "true" : null);
		put(places, Source.BEAN, place.bean());
		return places;
	}

	private static void put(Map<Source, String> places, Source source, @Nullable String value) {
		String text = text(value);
		if (text != null) {
			places.put(source, text);
		}
	}

	private String type(String key, Source source, @Nullable String configured) {
		if (configured == null) {
			boolean ours = source == Source.PROVIDER || source == Source.CURRENT_USER;
			return ours ? ForeignToken.ACCESS_TOKEN : ForeignToken.JWT;
		}
		return type(key + ".type", configured);
	}

	/** RFC 8693 section 3: a short name of ours, or any URI. */
	private String type(String key, String configured) {
		PropertyText.checkPlaceholder(this.prefix + "." + key, configured, false);
		String type = TYPES.get(configured.toLowerCase(Locale.ROOT).replace('-', '_'));
		if (type == null && !configured.matches("[A-Za-z][A-Za-z0-9+.-]*:\\S+")) {
			throw wrong(key, configured, "is not a type of token",
					"Use jwt, access_token, id_token, refresh_token, saml2, id-jag or a complete URN.");
		}
		return (type != null) ? type : configured;
	}

	private static @Nullable String text(@Nullable String value) {
		return StringUtils.hasText(value) ? value.strip() : null;
	}

	private InvalidPropertyException wrong(String key, @Nullable String value, String problem, String action) {
		return new InvalidPropertyException(this.prefix + "." + key, value, problem, action);
	}

}
