package io.github.oauth2pkce.compatibility;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;

/** An application whose class path has everything that these tests are about. */
@SpringBootConfiguration
@EnableAutoConfiguration
class Application {

}
