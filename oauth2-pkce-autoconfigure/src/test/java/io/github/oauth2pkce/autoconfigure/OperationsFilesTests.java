package io.github.oauth2pkce.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.json.JsonMapper;

import io.github.oauth2pkce.docs.Page;
import io.github.oauth2pkce.testing.Http;
import io.github.oauth2pkce.testing.Http.Response;
import io.github.oauth2pkce.testing.TestApplication;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The alert rules and the dashboard ask for metrics, labels and values that a real
 * application exposes to Prometheus.
 */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OperationsFilesTests {

	private static final Pattern SAMPLE = Pattern.compile("(?m)^(\\w+)(?:\\{(.*)\\})? \\S+$");

	private static final Pattern LABEL = Pattern.compile("(\\w+)(=|!=|=~|!~)\"([^\"]*)\"");

	private static final Pattern SELECTOR = Pattern.compile("\\b(oauth2_\\w+)\\b(?:\\{([^}]*)\\})?");

	private static final Pattern GROUPING = Pattern.compile("\\b(?:by|on|without|ignoring) ?\\(([^)]*)\\)");

	/** What Prometheus adds to what it scrapes. */
	private static final Set<String> TARGET_LABELS = Set.of("job", "instance");

	/** By metric and label, the values. */
	private final Map<String, Map<String, Set<String>>> exposed = new HashMap<>();

	private int samples;

	@BeforeAll
	void scrape() {
		try (ConfigurableApplicationContext context = TestApplication.of(WebApplicationType.SERVLET)
			.with("management.endpoints.web.exposure.include=prometheus", "oauth2.pkce.providers.acme.client-id=app",
					"oauth2.pkce.providers.acme.token-uri=https://login.example.com/token")
			.run()) {
			Response response = Http.of(context).get("/actuator/prometheus");
			assertThat(response.status()).isEqualTo(200);
			response.body().lines().filter((line) -> line.startsWith("oauth2_")).forEach(this::sample);
		}
	}

	private void sample(String line) {
		Matcher sample = SAMPLE.matcher(line);
		assertThat(sample.matches()).as(line).isTrue();
		this.samples++;
		Map<String, Set<String>> labels = this.exposed.computeIfAbsent(sample.group(1), (name) -> new HashMap<>());
		Matcher label = LABEL.matcher((sample.group(2) != null) ? sample.group(2) : "");
		while (label.find()) {
			labels.computeIfAbsent(label.group(1), (name) -> new TreeSet<>()).add(label.group(3));
		}
	}

	@Test
	void everyMeterIsExposedWithZeroFromTheStart() {
		assertThat(this.exposed).containsOnlyKeys("oauth2_pkce_bearer_propagated_total",
				"oauth2_pkce_bearer_skipped_total", "oauth2_pkce_token_refresh_seconds_count",
				"oauth2_pkce_token_refresh_seconds_sum", "oauth2_pkce_token_refresh_seconds_max",
				"oauth2_pkce_token_expires_in_seconds", "oauth2_pkce_login_seconds_count",
				"oauth2_pkce_login_seconds_sum", "oauth2_pkce_login_seconds_max", "oauth2_pkce_device_poll_total",
				"oauth2_pkce_unauthorized_total", "oauth2_pkce_state", "oauth2_pkce_store_errors_total");
		assertThat(this.samples).isGreaterThan(100);
	}

	@ParameterizedTest
	@MethodSource("alerts")
	void anAlertAsksForWhatIsExposedAndSaysWhatToDo(Map<String, Object> alert) {
		assertExposed((String) alert.get("expr"));
		assertThat((String) alert.get("alert")).matches("OAuth2[A-Za-z0-9]+");
		assertThat(((Map<?, ?>) alert.get("labels")).get("severity")).isIn("warning", "critical");
		Map<?, ?> annotations = (Map<?, ?>) alert.get("annotations");
		assertThat(annotations.get("summary").toString()).isNotBlank().doesNotContain("\n");
		assertThat(annotations.get("description").toString()).isNotBlank();
		assertThat(Page.atAddress(annotations.get("runbook_url").toString()).anchors())
			.contains(annotations.get("runbook_url").toString().split("#")[1]);
		// What a text shows is a label that the expression leaves.
		Matcher label = Pattern.compile("\\$labels\\.(\\w+)").matcher(annotations.toString());
		while (label.find()) {
			assertThat(groupings((String) alert.get("expr"))).contains(label.group(1));
		}
	}

	static List<Map<String, Object>> alerts() throws IOException {
		String text = Files.readString(Page.ROOT.resolve("docs/operations/prometheus-alerts.yml"));
		List<Map<String, Object>> alerts = new ArrayList<>();
		Map<String, List<Map<String, List<Map<String, Object>>>>> file = new Yaml().load(text);
		file.getOrDefault("groups", List.of()).forEach((group) -> alerts.addAll(group.get("rules")));
		assertThat(alerts).hasSizeGreaterThan(5)
			.extracting((alert) -> alert.get("alert"))
			.doesNotHaveDuplicates()
			.doesNotContainNull();
		return alerts;
	}

	@Test
	@SuppressWarnings("unchecked")
	void theDashboardAsksForWhatIsExposedAndShowsAllOfIt() throws IOException {
		Map<String, Object> dashboard = JsonMapper.shared()
			.readValue(Files.readString(Page.ROOT.resolve("docs/operations/grafana-dashboard.json")), Map.class);
		List<String> expressions = new ArrayList<>();
		Set<Object> ids = new TreeSet<>();
		for (Map<String, Object> panel : (List<Map<String, Object>>) dashboard.get("panels")) {
			assertThat(ids.add(panel.get("id"))).as("id of its own").isTrue();
			((List<Map<String, Object>>) panel.get("targets"))
				.forEach((target) -> expressions.add((String) target.get("expr")));
		}
		for (Map<String, Object> variable : ((Map<String, List<Map<String, Object>>>) dashboard.get("templating"))
			.get("list")) {
			if ("query".equals(variable.get("type"))) {
				expressions.add(((Map<String, String>) variable.get("query")).get("query"));
			}
		}
		expressions.forEach(this::assertExposed);
		((List<Map<String, Object>>) dashboard.get("links"))
			.forEach((link) -> assertThat(Page.atAddress((String) link.get("url")).anchors()).isNotEmpty());
		String all = String.join("\n", expressions);
		assertThat(this.exposed.keySet()).allSatisfy(
				(metric) -> assertThat(all).contains(metric.replaceFirst("_seconds_(count|sum|max)$", "_seconds")));
	}

	private void assertExposed(String expression) {
		List<MatchResult> selectors = SELECTOR.matcher(expression).results().toList();
		assertThat(selectors).as(expression).isNotEmpty();
		Set<String> labels = new TreeSet<>(TARGET_LABELS);
		for (MatchResult selector : selectors) {
			assertThat(this.exposed).as(expression).containsKey(selector.group(1));
			Map<String, Set<String>> metric = this.exposed.get(selector.group(1));
			labels.addAll(metric.keySet());
			Matcher label = LABEL.matcher((selector.group(2) != null) ? selector.group(2) : "");
			while (label.find()) {
				if (!label.group(3).startsWith("$") && !TARGET_LABELS.contains(label.group(1))) {
					assertThat(metric.get(label.group(1))).as(selector.group()).contains(label.group(3).split("\\|"));
				}
				else if (!TARGET_LABELS.contains(label.group(1))) {
					assertThat(metric).as(selector.group()).containsKey(label.group(1));
				}
			}
		}
		assertThat(labels).as(expression).containsAll(groupings(expression));
	}

	private static Set<String> groupings(String expression) {
		Set<String> labels = new TreeSet<>();
		GROUPING.matcher(expression)
			.results()
			.forEach((grouping) -> labels.addAll(List.of(grouping.group(1).split(", *"))));
		return labels;
	}

}
