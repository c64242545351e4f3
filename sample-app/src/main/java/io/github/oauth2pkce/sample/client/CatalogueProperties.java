package io.github.oauth2pkce.sample.client;

import java.net.URI;
import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the catalogue comes from and how long a copy is good.
 *
 * @param uri address of the catalogue
 * @param timeToLive how long a copy is used before it is fetched again
 * @param retryAfter how long to wait after a failure
 * @param timeout how long to wait for an answer
 */
@ConfigurationProperties("catalogue")
record CatalogueProperties(URI uri, @DefaultValue("20s") Duration timeToLive, @DefaultValue("2s") Duration retryAfter,
		@DefaultValue("10s") Duration timeout) {

}
