package io.github.oauth2pkce.docs;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauth2pkce.docs.Page.Block;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each Java block compiles: types as they are, members in a class, statements in a
 * method. What a block leaves to the reader is declared in a comment above it, as members
 * of that class: {@code <!-- java: interface Chat { void post(String text); } -->}.
 */
class JavaBlockTests {

	/** What an IDE would import. */
	private static final List<String> IMPORTS = List.of("java.io.*", "java.net.URI", "java.time.*", "java.util.*",
			"java.util.concurrent.*", "io.github.oauth2pkce.*", "io.github.oauth2pkce.bearer.*",
			"io.github.oauth2pkce.code.*", "io.github.oauth2pkce.device.*", "io.github.oauth2pkce.login.*",
			"io.github.oauth2pkce.refresh.CredentialRejectedEvent", "io.github.oauth2pkce.refresh.ProviderStartedEvent",
			"io.github.oauth2pkce.refresh.TokenRefreshedEvent", "io.github.oauth2pkce.runtime.OAuth2Pkce",
			"io.github.oauth2pkce.source.SubjectTokenSource", "io.github.oauth2pkce.spring.*",
			"io.github.oauth2pkce.store.*", "io.github.oauth2pkce.testing.store.*", "org.jspecify.annotations.Nullable",
			"org.springframework.boot.*", "org.springframework.boot.autoconfigure.*",
			"org.springframework.context.annotation.*", "org.springframework.context.event.EventListener",
			"org.springframework.security.config.web.server.ServerHttpSecurity",
			"org.springframework.security.oauth2.client.*",
			"org.springframework.security.oauth2.client.annotation.ClientRegistrationId",
			"org.springframework.security.oauth2.client.endpoint.*",
			"org.springframework.security.oauth2.client.oidc.authentication.*",
			"org.springframework.security.oauth2.client.registration.*",
			"org.springframework.security.oauth2.client.web.*",
			"org.springframework.security.oauth2.client.web.client.RequestAttributePrincipalResolver",
			"org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizationRequestResolver",
			"org.springframework.security.oauth2.jose.jws.SignatureAlgorithm",
			"org.springframework.security.oauth2.jwt.JwtDecoderFactory",
			"org.springframework.security.web.server.SecurityWebFilterChain", "org.springframework.stereotype.*",
			"org.springframework.web.bind.annotation.*", "org.springframework.web.client.RestClient",
			"org.springframework.web.reactive.function.client.WebClient",
			"org.springframework.web.service.annotation.*", "org.springframework.web.service.registry.*",
			"reactor.core.publisher.*");

	/** Tests of the test kit. */
	private static final Set<String> RUN_ELSEWHERE = Set.of("docs/testing.md");

	private static final Pattern TYPE = Pattern
		.compile("(?m)^(?:(?:public|final|abstract|sealed) )*(?:class|interface|record|enum|@interface) (\\w+)");

	private static final Pattern MEMBER = Pattern.compile("(?m)^(?:@\\w+.*\\n)?[\\w<>\\[\\], .?]+ \\w+\\([^;]*\\{$");

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	static List<Block> blocks() {
		return blocks((block) -> !wantsNewestLibraries(block));
	}

	static List<Block> blocksForTheNewestLibraries() {
		return blocks(JavaBlockTests::wantsNewestLibraries);
	}

	private static List<Block> blocks(Predicate<Block> filter) {
		return Page.all()
			.stream()
			.flatMap((page) -> page.blocks().stream())
			.filter((block) -> block.language().equals("java") && !RUN_ELSEWHERE.contains(block.page().toString()))
			.filter(filter)
			.toList();
	}

	/** The MCP SDK has stateless clients since 2.2. */
	private static boolean wantsNewestLibraries(Block block) {
		return block.text().contains("import io.modelcontextprotocol.modern.");
	}

	@ParameterizedTest
	@MethodSource("blocksForTheNewestLibraries")
	@Tag("newest")
	void eachBlockForTheNewestLibrariesCompiles(Block block) throws IOException {
		eachBlockCompiles(block);
	}

	@ParameterizedTest
	@MethodSource("blocks")
	void eachBlockCompiles(Block block) throws IOException {
		// A type may use one that the page has shown before.
		String shown = block.page()
			.blocks()
			.stream()
			.filter((other) -> other.language().equals("java") && other.line() < block.line())
			.filter((other) -> TYPE.matcher(other.text())
				.results()
				.anyMatch((type) -> block.text().matches("(?s).*\\bnew " + type.group(1) + "\\b.*")))
			.map((other) -> other.comment("java") + "\n" + nested(other.text()))
			.collect(Collectors.joining());
		assertThat(compile(block.text(), shown + block.comment("java"))).isEmpty();
	}

	@Test
	void findsMistakes() throws IOException {
		assertThat(compile("logins.start(\"a\");\n", "Logins logins;")).isEmpty();
		assertThat(compile("logins.begin(\"a\");\n", "Logins logins;")).anyMatch((line) -> line.contains("begin"));
		assertThat(compile("@Bean\nString one() {\n\treturn two;\n}\n", "")).anyMatch((line) -> line.contains("two"));
		assertThat(compile("@Bean\nString one() {\n\treturn \"\";\n}\n", "")).isEmpty();
		assertThat(compile("@Component\nclass One extends Two {\n}\n", "")).anyMatch((line) -> line.contains("Two"));
	}

	/** What the compiler complains of, deprecations included. */
	private List<String> compile(String block, String given) throws IOException {
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
		try (StandardJavaFileManager files = compiler.getStandardFileManager(problems, Locale.ROOT, null)) {
			files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(this.directory));
			compiler
				.getTask(null, files, problems, List.of("-proc:none", "-Xlint:deprecation,unchecked,removal"), null,
						List.of(new Source(source(block, given))))
				.call();
		}
		return problems.getDiagnostics()
			.stream()
			.filter((problem) -> problem.getKind() != Diagnostic.Kind.NOTE)
			.map(Object::toString)
			.toList();
	}

	private static String source(String block, String given) {
		StringBuilder source = new StringBuilder("package sample;\n");
		String code = block.replaceFirst("^package .*\n", "");
		for (String imported : IMPORTS) {
			source.append("import ").append(imported).append(";\n");
		}
		// Its own imports, if it has any.
		for (String line : block.lines().filter((text) -> text.startsWith("import ")).toList()) {
			source.append(line).append('\n');
			code = code.replace(line + "\n", "");
		}
		source.append("class Snippet {\n").append(given).append('\n');
		if (TYPE.matcher(code).find() || MEMBER.matcher(code).find()) {
			source.append(nested(code));
		}
		else {
			source.append("void run() throws Exception {\n").append(code).append("}\n");
		}
		return source.append("}\n").toString();
	}

	/** Types may be nested; nothing else is different. */
	private static String nested(String code) {
		return code.replaceAll("(?m)^(?:package|import) .*\\n", "")
			.replaceAll("(?m)^public (?=class|interface|record|enum)", "public static ")
			.replaceAll("(?m)^class ", "static class ");
	}

	private static final class Source extends SimpleJavaFileObject {

		private final String text;

		Source(String text) {
			super(URI.create("string:///sample/Snippet.java"), Kind.SOURCE);
			this.text = text;
		}

		@Override
		public CharSequence getCharContent(boolean ignoreEncodingErrors) {
			return this.text;
		}

	}

}
