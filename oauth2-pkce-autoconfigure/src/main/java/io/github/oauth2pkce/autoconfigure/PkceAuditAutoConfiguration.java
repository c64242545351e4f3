package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.observability.AuditEvents;
import io.github.oauth2pkce.refresh.Credentials;

import org.springframework.boot.actuate.audit.AuditEventRepository;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;

/** Auto-configuration of audit events, where they are kept. */
@AutoConfiguration(after = PkceAutoConfiguration.class)
@ConditionalOnClass(AuditApplicationEvent.class)
@ConditionalOnBean({ AuditEventRepository.class, Credentials.class })
public final class PkceAuditAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	AuditEvents oauth2PkceAuditEvents(ApplicationEventPublisher publisher) {
		return new AuditEvents(publisher);
	}

}
