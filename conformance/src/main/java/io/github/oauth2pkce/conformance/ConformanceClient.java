package io.github.oauth2pkce.conformance;

import java.util.HashMap;
import java.util.Map;

import io.github.oauth2pkce.code.BrowserOpener;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;

/**
 * An application as a user of the starter writes one: it calls the tools of an MCP server
 * that asks for a login. All that it says about the login is in {@code application.yaml}.
 *
 * <p>
 * The conformance suite starts it once for each scenario, with the address of its server
 * as the last argument. What a person would have been told beforehand (a client id, a
 * secret) is in {@code MCP_CONFORMANCE_CONTEXT}, and becomes properties below
 * {@code given}. The name of the scenario is the name of a Spring profile.
 */
@SpringBootApplication(proxyBeanMethods = false)
class ConformanceClient {

	public static void main(String[] args) {
		Deadline.start();
		Map<String, Object> properties = new HashMap<>(given(System.getenv("MCP_CONFORMANCE_CONTEXT")));
		properties.put("server", args[args.length - 1]);
		SpringApplication application = new SpringApplicationBuilder(ConformanceClient.class).properties(properties)
			.profiles(profile(System.getenv("MCP_CONFORMANCE_SCENARIO")))
			.build();
		System.exit(SpringApplication.exit(application.run(args)));
	}

	@Bean
	BrowserOpener browser() {
		return new HeadlessBrowser();
	}

	@Bean
	ApplicationRunner visit(McpServer server) {
		return (arguments) -> {
			for (McpServer.Tool tool : server.tools()) {
				server.call(tool.name(), tool.sampleArguments());
			}
		};
	}

	private static Map<String, Object> given(@Nullable String context) {
		Map<String, Object> given = new HashMap<>();
		if (context != null) {
			JsonMapper.shared().readTree(context).properties().forEach((entry) -> {
				if (entry.getValue().isString()) {
					given.put("given." + entry.getKey(), entry.getValue().stringValue());
				}
			});
		}
		return given;
	}

	private static String profile(String scenario) {
		return scenario.substring(scenario.indexOf('/') + 1);
	}

}
