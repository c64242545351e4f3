package io.github.oauth2pkce.configuration;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.Grant;
import io.github.oauth2pkce.discovery.Discovery;

import org.springframework.util.StringUtils;

/** What tokens are asked for, and by which grant. */
final class RequestSettings {

	private final ProviderKeys keys;

	private final ResourceSettings resource;

	RequestSettings(ProviderKeys keys, ResourceSettings resource) {
		this.keys = keys;
		this.resource = resource;
	}

	/**
	 * A Spring registration keeps Spring's default: people's configuration just works.
	 */
	Grant grant() {
		Grant written = writtenGrant();
		if (written != null) {
			return written;
		}
		SpringRegistration spring = this.keys.spring();
		boolean browser = this.resource.resourceUri() != null || (spring != null && spring.clientId() != null);
		return browser ? Grant.AUTHORIZATION_CODE : Grant.DEVICE_CODE;
	}

	/** Whether a login chooses between the grants of people. */
	boolean isGrantOpen() {
		return this.resource.resourceUri() != null && writtenGrant() == null;
	}

	private @Nullable Grant writtenGrant() {
		ProviderProperties.GrantType own = this.keys.own().authorizationGrantType();
		if (own != null) {
			return own.grant();
		}
		String value = this.keys.text(null, SpringRegistration::grant);
		if (value == null) {
			return null;
		}
		Grant grant = Grant.find(value);
		if (grant == null) {
			throw wrongGrant(this.keys.whose(null, SpringRegistration::prefix) + ".authorization-grant-type", value);
		}
		return grant;
	}

	static InvalidPropertyException wrongGrant(String property, String value) {
		return new InvalidPropertyException(property, value, "is not a grant that can be used here",
				"Use " + Grant.choices() + ".");
	}

	Collection<String> scopes() {
		List<String> own = this.keys.own().scope();
		SpringRegistration spring = this.keys.spring();
		Set<String> scopes = new LinkedHashSet<>();
		boolean ours = own.stream().anyMatch(StringUtils::hasText);
		for (String scope : (ours || spring == null) ? own : spring.scopes()) {
			scopes.addAll(List.of(StringUtils.tokenizeToStringArray(scope, " ,")));
		}
		PropertyText.checkPlaceholder(this.keys.whose(String.join("", own), SpringRegistration::prefix) + ".scope",
				String.join(" ", scopes), false);
		return scopes;
	}

	Collection<String> resources() {
		List<String> resources = ProviderKeys.texts(this.keys.own().resource());
		for (String resource : resources) {
			PropertyText.checkPlaceholder(this.keys.prefix() + ".resource", resource, false);
			if (!isResource(resource)) {
				throw this.keys.wrong("resource", resource, "is not an absolute URI without a fragment and user info",
						"Use the identifier of the protected resource, such as https://api.example.com.");
			}
		}
		return resources;
	}

	/**
	 * RFC 8707 section 2: an absolute URI without a fragment. It is sent in the address
	 * of a browser, which is no place for a password either.
	 */
	private static boolean isResource(String resource) {
		try {
			URI uri = new URI(resource);
			return uri.isAbsolute() && uri.getRawFragment() == null && uri.getRawUserInfo() == null;
		}
		catch (URISyntaxException ex) {
			return false;
		}
	}

	@Nullable URI resourceMetadata() {
		URI uri = this.keys.uri("resource-metadata-uri", this.keys.own().resourceMetadataUri());
		if (uri == null) {
			return null;
		}
		// RFC 9728 section 3.1: the path is inserted between host and path of the
		// resource.
		String path = uri.getRawPath();
		if (!path.equals(Discovery.PROTECTED_RESOURCE_PATH)
				&& !path.startsWith(Discovery.PROTECTED_RESOURCE_PATH + "/")) {
			throw this.keys.wrong("resource-metadata-uri", uri.toString(),
					"is not the address of a protected resource's metadata",
					"Put " + Discovery.PROTECTED_RESOURCE_PATH + " between host and path of the resource, such as"
							+ " https://api.example.com" + Discovery.PROTECTED_RESOURCE_PATH + "/mcp.");
		}
		return uri;
	}

}
