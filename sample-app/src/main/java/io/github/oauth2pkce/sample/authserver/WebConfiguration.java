package io.github.oauth2pkce.sample.authserver;

import io.github.oauth2pkce.sample.guard.ThisMachineOnly;
import io.github.oauth2pkce.sample.wire.WireAccount;
import io.github.oauth2pkce.sample.wire.WireFilter;

import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;

/**
 * The controllers, and the recorder of what passes by.
 */
@Configuration(proxyBeanMethods = false)
@Import({ PagesController.class, ModelsController.class, WireController.class })
class WebConfiguration {

	@Bean
	FilterRegistrationBean<ThisMachineOnly> thisMachineOnly() {
		FilterRegistrationBean<ThisMachineOnly> registration = new FilterRegistrationBean<>(new ThisMachineOnly());
		registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
		return registration;
	}

	@Bean
	FilterRegistrationBean<WireFilter> wireFilter(WireAccount account) {
		FilterRegistrationBean<WireFilter> registration = new FilterRegistrationBean<>(new WireFilter(account));
		registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
		return registration;
	}

}
