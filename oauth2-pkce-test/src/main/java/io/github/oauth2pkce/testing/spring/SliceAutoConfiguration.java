package io.github.oauth2pkce.testing.spring;

import io.github.oauth2pkce.autoconfigure.PkceAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceRestClientAutoConfiguration;
import io.github.oauth2pkce.autoconfigure.PkceWebClientAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.context.annotation.Conditional;

/**
 * Auto-configuration of {@code @RestClientTest} and {@code @WebClientTest} whose tests
 * say which bearers there are. The others leave the starter out.
 */
@AutoConfiguration(after = SliceStoreAutoConfiguration.class)
@Conditional(OnTestBearers.class)
@ImportAutoConfiguration({ SslAutoConfiguration.class, PkceAutoConfiguration.class,
		PkceRestClientAutoConfiguration.class, PkceWebClientAutoConfiguration.class })
class SliceAutoConfiguration {

}
