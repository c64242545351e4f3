package io.github.oauth2pkce.source;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauth2pkce.ForeignToken;
import io.github.oauth2pkce.ForeignToken.Source;
import io.github.oauth2pkce.Problem;
import io.github.oauth2pkce.configuration.InvalidPropertyException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** Tokens of files, variables and beans. */
@Timeout(60)
class ForeignTokensTests {

	private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

	private static final SubjectTokenSource.Context CONTEXT = new SubjectTokenSource.Context("api", "application");

	private final Map<String, @Nullable String> environment = new HashMap<>();

	private final Map<String, SubjectTokenSource> beans = new HashMap<>();

	private final ForeignTokens tokens = new ForeignTokens(List.of(new FileTokenReader(),
			FileTokenReader.ofKubernetes(), new EnvironmentTokenReader(this.environment::get),
			new BeanTokenReader(this.beans::get, (name) -> name)), () -> NOW);

	@TempDir
	Path directory;

	@Test
	void readsAFileAndTrimsIt() throws IOException {
		Path file = Files.writeString(this.directory.resolve("token"), "  subject.token\r\n");
		assertThat(read(Source.FILE, file.toString())).isEqualTo("subject.token");
	}

	@Test
	void readsTheFileAnewEachTime() throws IOException {
		Path file = Files.writeString(this.directory.resolve("token"), "one");
		assertThat(read(Source.KUBERNETES, file.toString())).isEqualTo("one");
		Files.writeString(file, "two");
		assertThat(read(Source.KUBERNETES, file.toString())).isEqualTo("two");
	}

	@Test
	void missingFileIsASentence() {
		Path file = this.directory.resolve("none");
		assertThat(failure(Source.FILE, file.toString()))
			.hasMessage("No token from the file '" + file
					+ "' (oauth2.pkce.providers.api.subject-token.file): there is no such file")
			.extracting(ForeignTokenException::problem)
			.isEqualTo(Problem.SUBJECT_TOKEN_MISSING);
	}

	@ParameterizedTest
	@EnumSource(names = { "FILE", "ENV", "BEAN", "PROVIDER" })
	void tokenWhereItsPlaceShouldBeIsNotRepeated(Source source) {
		String jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl";
		ForeignToken token = new ForeignToken(source, jwt, ForeignToken.JWT, "oauth2.pkce.providers.api.subject-token");
		assertThat(token + token.place() + ForeignTokenException.missing(token, "it is not there").getMessage()
				+ new InvalidPropertyException(token.property(), jwt, "is wrong", "").getMessage())
			.doesNotContain("eyJ", "c2lnbmF0dXJl");
	}

	@Test
	void directoryIsASentence() {
		assertThat(failure(Source.FILE, this.directory.toString())).hasMessageEndingWith("it is not a file");
	}

	@Test
	void pipeWithoutAWriterKeepsNobodyWaiting() throws Exception {
		Path pipe = this.directory.resolve("pipe");
		org.junit.jupiter.api.Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")));
		assertThat(new ProcessBuilder("/usr/bin/mkfifo", pipe.toString()).start().waitFor()).isZero();
		assertThat(failure(Source.FILE, pipe.toString())).hasMessageEndingWith("it is not a file");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " \n\t " })
	void blankFileIsASentence(String content) throws IOException {
		Path file = Files.writeString(this.directory.resolve("token"), content);
		assertThat(failure(Source.FILE, file.toString())).hasMessageEndingWith("it is empty");
	}

	@Test
	void hugeFileIsASentence() throws IOException {
		Path file = Files.writeString(this.directory.resolve("token"), "x".repeat(1_000_000));
		assertThat(failure(Source.FILE, file.toString())).hasMessageEndingWith("it is larger than 65536 characters");
	}

	@Test
	void fileWithSomethingElseIsNeverQuoted() throws IOException {
		Path file = Files.writeString(this.directory.resolve("token"), "user: S3CRET\npassword: S3CRET");
		assertThat(failure(Source.FILE, file.toString())).hasMessageEndingWith("what is there is not a token")
			.hasMessageNotContaining("S3CRET");
	}

	/** As the kubelet does it: the link is swapped, and what it pointed to removed. */
	@Test
	void rotatingFileIsAlwaysOneOfBoth() throws Exception {
		Path link = this.directory.resolve("..data");
		Path token = this.directory.resolve("token");
		Files.createSymbolicLink(link, version(0));
		Files.createSymbolicLink(token, Path.of("..data/token"));
		AtomicBoolean running = new AtomicBoolean(true);
		Thread kubelet = new Thread(() -> {
			for (int i = 1; running.get(); i++) {
				rotate(link, i);
			}
		});
		kubelet.start();
		try {
			for (int i = 0; i < 3000; i++) {
				assertThat(read(Source.KUBERNETES, token.toString())).startsWith("token-");
			}
		}
		finally {
			running.set(false);
			kubelet.join();
		}
	}

	private Path version(int version) {
		try {
			Path directory = Files.createDirectory(this.directory.resolve("..v" + version));
			Files.writeString(directory.resolve("token"), "token-" + version);
			return directory;
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void rotate(Path link, int version) {
		try {
			Path next = Files.createSymbolicLink(this.directory.resolve("..data_tmp"), version(version));
			Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
			Path old = this.directory.resolve("..v" + (version - 1));
			Files.delete(old.resolve("token"));
			Files.delete(old);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void readsAVariable() {
		this.environment.put("TOKEN", " subject ");
		assertThat(read(Source.ENV, "TOKEN")).isEqualTo("subject");
	}

	@Test
	void variableThatIsNotSetIsASentence() {
		assertThat(failure(Source.ENV, "TOKEN")).hasMessage("No token from the environment variable 'TOKEN'"
				+ " (oauth2.pkce.providers.api.subject-token.env): it is not set");
	}

	@Test
	void asksABeanWithWhoItIsFor() {
		this.beans.put("vault", (context) -> context.providerId() + "-" + context.principalName());
		assertThat(read(Source.BEAN, "vault")).isEqualTo("api-application");
	}

	@Test
	void beanWithoutATokenIsASentence() {
		this.beans.put("vault", (context) -> null);
		assertThat(failure(Source.BEAN, "vault")).hasMessageEndingWith("it has none")
			.extracting(ForeignTokenException::problem)
			.isEqualTo(Problem.SUBJECT_TOKEN_MISSING);
	}

	@ParameterizedTest
	@ValueSource(classes = { IOException.class, LinkageError.class })
	void beanThatFailsAsItDoesNotDeclareIsNeverQuoted(Class<? extends Throwable> failure) {
		this.beans.put("vault", (context) -> {
			throw ForeignTokensTests.<RuntimeException>sneaky(failure);
		});
		assertThat(failure(Source.BEAN, "vault")).hasMessageEndingWith("it failed (" + failure.getSimpleName() + ")")
			.hasNoCause()
			.extracting(ForeignTokenException::problem)
			.isEqualTo(Problem.SUBJECT_TOKEN_UNAVAILABLE);
	}

	@Test
	void beanThatFailsIsTriedAgainAndNeverQuoted() {
		this.beans.put("vault", (context) -> {
			throw new IllegalStateException("S3CRET");
		});
		assertThat(failure(Source.BEAN, "vault")).hasMessageEndingWith("it failed (IllegalStateException)")
			.hasNoCause()
			.extracting(ForeignTokenException::problem)
			.isEqualTo(Problem.SUBJECT_TOKEN_UNAVAILABLE);
	}

	@Test
	void tokenThatHasEndedIsSaidBeforeAsking() {
		this.environment.put("TOKEN", jwt(NOW.getEpochSecond()));
		assertThat(failure(Source.ENV, "TOKEN")).hasMessageEndingWith("it has ended at 2026-11-30T12:00:00Z")
			.extracting(ForeignTokenException::problem)
			.isEqualTo(Problem.SUBJECT_TOKEN_EXPIRED);
	}

	@Test
	void tokenThatLastsIsRead() {
		this.environment.put("TOKEN", jwt(NOW.getEpochSecond() + 1));
		assertThat(read(Source.ENV, "TOKEN")).isEqualTo(this.environment.get("TOKEN"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "a.b.c", "a.!!.c", "..", "a.eyJ9.c", "a.e30.c" })
	void whatOnlyLooksLikeAJwtIsTheServersToJudge(String token) {
		this.environment.put("TOKEN", token);
		assertThat(read(Source.ENV, "TOKEN")).isEqualTo(token);
	}

	private String read(Source source, String value) {
		return this.tokens.read(token(source, value), CONTEXT);
	}

	private ForeignTokenException failure(Source source, String value) {
		return catchThrowableOfType(ForeignTokenException.class, () -> read(source, value));
	}

	static ForeignToken token(Source source, String value) {
		return new ForeignToken(source, value, ForeignToken.JWT,
				"oauth2.pkce.providers.api.subject-token." + source.key());
	}

	static String jwt(long exp) {
		Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
		return base64.encodeToString("{\"alg\":\"ES256\"}".getBytes(StandardCharsets.UTF_8)) + "."
				+ base64.encodeToString(("{\"exp\":" + exp + "}").getBytes(StandardCharsets.UTF_8)) + ".c2ln";
	}

	@SuppressWarnings("unchecked")
	private static <T extends Throwable> T sneaky(Class<? extends Throwable> failure) throws T {
		try {
			throw (T) failure.getConstructor(String.class).newInstance("S3CRET");
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
