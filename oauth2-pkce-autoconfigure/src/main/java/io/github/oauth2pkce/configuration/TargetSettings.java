package io.github.oauth2pkce.configuration;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;

import io.github.oauth2pkce.configuration.ProviderProperties.OnMissingToken;
import io.github.oauth2pkce.target.BaseUrl;
import io.github.oauth2pkce.target.BearerPolicy;

/** Which requests get the bearer. */
final class TargetSettings {

	private final ProviderKeys keys;

	private final ResourceSettings resource;

	TargetSettings(ProviderKeys keys, ResourceSettings resource) {
		this.keys = keys;
		this.resource = resource;
	}

	BearerPolicy policy() {
		ProviderProperties own = this.keys.own();
		List<BaseUrl> baseUrls = new ArrayList<>();
		for (String baseUrl : ProviderKeys.texts(own.baseUrls())) {
			PropertyText.checkPlaceholder(this.keys.prefix() + ".base-urls", baseUrl, false);
			baseUrls.add(baseUrl("base-urls", baseUrl, baseUrl,
					"Use origins with an optional path, such as https://api.example.com/v1."));
		}
		URI resourceUri = this.resource.resourceUri();
		if (resourceUri != null) {
			// Without its query, which no base URL has.
			String baseUrl = resourceUri.getScheme() + "://" + resourceUri.getRawAuthority() + resourceUri.getRawPath();
			baseUrls.add(baseUrl("resource-uri", resourceUri.toString(), baseUrl,
					"Use the address of the protected resource, such as https://api.example.com/mcp."));
		}
		return new BearerPolicy(this.keys.id(), baseUrls, own.onMissingToken() == OnMissingToken.FAIL,
				own.retryUnauthorized());
	}

	private BaseUrl baseUrl(String key, String configured, String baseUrl, String action) {
		try {
			return BaseUrl.parse(baseUrl);
		}
		catch (IllegalArgumentException ex) {
			throw this.keys.wrong(key, configured, String.valueOf(ex.getMessage()), action);
		}
	}

}
