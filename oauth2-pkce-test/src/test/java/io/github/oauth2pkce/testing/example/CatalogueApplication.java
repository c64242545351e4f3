package io.github.oauth2pkce.testing.example;

import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
class CatalogueApplication {

}
