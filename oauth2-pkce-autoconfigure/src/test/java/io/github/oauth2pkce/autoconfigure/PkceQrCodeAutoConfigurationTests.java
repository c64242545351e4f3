package io.github.oauth2pkce.autoconfigure;

import java.util.Objects;

import org.junit.jupiter.api.Test;

import io.github.oauth2pkce.device.UserCodePrompt;
import io.github.oauth2pkce.terminal.NayukiQrEncoder;
import io.github.oauth2pkce.terminal.QrCode;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

class PkceQrCodeAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PkceAutoConfiguration.class, PkceQrCodeAutoConfiguration.class));

	@Test
	void thereAreQrCodesWithTheLibrary() {
		this.runner
			.run((context) -> assertThat(context).getBean(QrCode.Encoder.class).isInstanceOf(NayukiQrEncoder.class));
	}

	@Test
	void withoutTheLibraryThereIsAPromptWithoutQrCodes() {
		this.runner.withClassLoader(new FilteredClassLoader("io.nayuki.qrcodegen"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(QrCode.Encoder.class)
				.hasSingleBean(UserCodePrompt.class));
	}

	@Test
	void encoderOfTheApplicationWins() {
		this.runner.withBean("mine", QrCode.Encoder.class, () -> (text) -> null)
			.run((context) -> assertThat(Objects.requireNonNull(context.getBean(QrCode.Encoder.class)).encode("any"))
				.isNull());
	}

	@Test
	void switchedOffWithTheRest() {
		this.runner.withPropertyValues("oauth2.pkce.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(QrCode.Encoder.class));
	}

}
