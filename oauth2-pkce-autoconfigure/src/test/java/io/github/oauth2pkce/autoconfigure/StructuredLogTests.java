package io.github.oauth2pkce.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.MDC;
import tools.jackson.databind.json.JsonMapper;

import io.github.oauth2pkce.EventLog;
import io.github.oauth2pkce.login.Logins;
import io.github.oauth2pkce.observability.LogEvents;
import io.github.oauth2pkce.refresh.RefreshListener.Refresh;
import io.github.oauth2pkce.refresh.RefreshOutcome;
import io.github.oauth2pkce.refresh.RefreshTrigger;
import io.github.oauth2pkce.store.CredentialId;
import io.github.oauth2pkce.testing.FakeAuthorizationServer;
import io.github.oauth2pkce.testing.FakeClient;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.json.JsonWriter.Members;
import org.springframework.boot.logging.structured.StructuredLoggingJsonMembersCustomizer;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Our lines in Boot's JSON formats, whatever members the application has of its own: a
 * line that has one twice is lost.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class StructuredLogTests {

	@AfterEach
	void forget() {
		StructuredLogging.end();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			ecs      | x.y=z
			ecs      | add.event.dataset=shop
			ecs      | add.event=shop
			ecs      | add.provider=aws
			ecs      | add.error.code=none
			ecs      | rename.ecs=provider
			ecs      | customizer=io.github.oauth2pkce.autoconfigure.StructuredLogTests$Customizer
			logstash | x.y=z
			logstash | add.event=shop
			logstash | add.provider=aws
			logstash | rename.thread_name=status
			logstash | customizer=io.github.oauth2pkce.autoconfigure.StructuredLogTests$Customizer
			gelf     | x.y=z
			gelf     | add._provider=aws
			gelf     | rename._log_logger=_outcome
			gelf     | customizer=io.github.oauth2pkce.autoconfigure.StructuredLogTests$Customizer
			""")
	void noLineIsLostToMembersOfTheApplication(String format, String setting, CapturedOutput output) {
		try (ConfigurableApplicationContext context = run(format, setting)) {
			context.getBean(LogEvents.class).refreshed(refused());
		}
		assertFields(output, format);
	}

	@ParameterizedTest
	@CsvSource({ "ecs,provider", "ecs,error.id", "logstash,provider", "logstash,status", "gelf,outcome" })
	void noLineIsLostToTheContextOfAThread(String format, String name, CapturedOutput output) {
		try (ConfigurableApplicationContext context = run(format, "x.y=z");
				MDC.MDCCloseable mdc = MDC.putCloseable(name, "mine")) {
			context.getBean(LogEvents.class).refreshed(refused());
		}
		assertFields(output, format);
	}

	@Test
	void aFieldThatIsTakenHasAnotherName(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run("logstash", "add.provider=aws")) {
			context.getBean(LogEvents.class).refreshed(refused());
		}
		assertThat(line(output, "oauth2_refresh_failed")).containsEntry("provider", "aws")
			.containsEntry("oauth2_provider", "acme")
			.containsEntry("outcome", "transient");
	}

	/** The prompt is for people: its code is a field of the event. */
	@Test
	void aLoginWithoutATerminalWritesNothingButJson(CapturedOutput output) {
		try (FakeAuthorizationServer server = FakeAuthorizationServer.start()
			.register(FakeClient.publicClient("app").requirePkce());
				ConfigurableApplicationContext context = run("logstash", "x.y=z",
						"--oauth2.pkce.providers.acme.issuer-uri=" + server.issuer())) {
			server.device().interval(Duration.ofSeconds(1)).approveAtOnce();
			context.getBean(Logins.class).logIn("acme");
		}
		assertThat(line(output, "oauth2_device_code_issued")).containsKeys("userCode", "verificationUri");
		assertThat(output.getOut().split("\n")).allMatch((line) -> line.startsWith("{"));
	}

	private static void assertFields(CapturedOutput output, String format) {
		Map<String, Object> fields = line(output, format.equals("gelf") ? "_" : "", "oauth2_refresh_failed");
		assertThat(fields.values()).contains("acme", "transient", "unreachable");
	}

	private static Map<String, Object> line(CapturedOutput output, String event) {
		return line(output, "", event);
	}

	@SuppressWarnings("unchecked")
	private static Map<String, Object> line(CapturedOutput output, String prefix, String event) {
		List<Map<String, Object>> lines = Stream.of(output.getOut().split("\n"))
			.filter((line) -> line.startsWith("{"))
			.map((line) -> (Map<String, Object>) JsonMapper.shared().readValue(line, Map.class))
			.filter((line) -> event.equals(line.get(prefix + EventLog.KEY)))
			.toList();
		assertThat(lines).as(output.getOut()).hasSize(1);
		return lines.get(0);
	}

	private static Refresh refused() {
		return new Refresh(CredentialId.ofApplication("acme"), RefreshTrigger.EXPIRY, RefreshOutcome.TRANSIENT,
				Duration.ofSeconds(1), "unreachable", 0);
	}

	private static ConfigurableApplicationContext run(String format, String setting, String... arguments) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.registerShutdownHook(false)
			.properties("oauth2.pkce.providers.acme.issuer-uri=http://127.0.0.1:1", "oauth2.pkce.store.type=memory",
					"oauth2.pkce.login.on-startup=never", "oauth2.pkce.providers.acme.client-id=app",
					"logging.structured.format.console=" + format, "logging.structured.json." + setting)
			.run(arguments);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(PkceAutoConfiguration.class)
	static class Application {

	}

	/** Adds members as an application does for the index that it writes to. */
	static class Customizer implements StructuredLoggingJsonMembersCustomizer<Object> {

		@Override
		public void customize(Members<Object> members) {
			members.add("event", "log");
			members.add("provider", "aws");
			members.add("_status", "green");
			members.add("status", "green");
		}

	}

}
