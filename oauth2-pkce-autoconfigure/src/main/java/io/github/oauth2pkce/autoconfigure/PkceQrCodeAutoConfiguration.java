package io.github.oauth2pkce.autoconfigure;

import io.github.oauth2pkce.terminal.NayukiQrEncoder;
import io.github.oauth2pkce.terminal.QrCode;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/** Auto-configuration of the QR code of the terminal prompt. */
@AutoConfiguration(after = PkceAutoConfiguration.class)
@ConditionalOnClass(io.nayuki.qrcodegen.QrCode.class)
@ConditionalOnSwitch("oauth2.pkce.enabled")
@Lazy
public final class PkceQrCodeAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	QrCode.Encoder oauth2PkceQrCodes() {
		return new NayukiQrEncoder();
	}

}
