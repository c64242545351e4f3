package io.github.oauth2pkce.sample.client.page;

import io.github.oauth2pkce.sample.guard.ThisMachineOnly;

import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfFilter;

/**
 * What protects the page. An application with Spring Security's filter chain has all of
 * it there; this client has none, as the starter does not bring one.
 */
@Configuration(proxyBeanMethods = false)
class PageConfiguration {

	private static final String[] PAGE = { "/", "/providers/*", "/page/*", "/error" };

	/** For everything at this port: the endpoint shows codes, too. */
	@Bean
	FilterRegistrationBean<ThisMachineOnly> thisMachineOnly() {
		FilterRegistrationBean<ThisMachineOnly> registration = new FilterRegistrationBean<>(new ThisMachineOnly());
		registration.addUrlPatterns("/*");
		registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
		return registration;
	}

	@Bean
	FilterRegistrationBean<PageHeaders> pageHeaders() {
		FilterRegistrationBean<PageHeaders> registration = new FilterRegistrationBean<>(new PageHeaders());
		registration.addUrlPatterns(PAGE);
		registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
		return registration;
	}

	@Bean
	FilterRegistrationBean<CsrfFilter> pageForms() {
		// Not in a session: cookies do not tell ports apart, and the session cookie of
		// the demo authorization server next door has the same name.
		CookieCsrfTokenRepository tokens = new CookieCsrfTokenRepository();
		tokens.setCookieName("page-form");
		tokens.setCookieCustomizer((cookie) -> cookie.sameSite("Strict"));
		FilterRegistrationBean<CsrfFilter> registration = new FilterRegistrationBean<>(new CsrfFilter(tokens));
		registration.addUrlPatterns("/", "/providers/*");
		registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 2);
		return registration;
	}

}
