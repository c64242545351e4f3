package io.github.oauth2pkce.token;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** A person is told of a missing scope only if it is missing by any name. */
class ScopesTests {

	@ParameterizedTest
	@CsvSource({ "models.read models.write, models.read, models.write", "a b c, '', a b c", "a, b, a", "a b, b a, ''",
			"'', a, ''", "models, models2, models" })
	void nothingIsGrantedByHalfAName(String requested, String granted, String missing) {
		assertMissing(requested, granted, missing);
	}

	@ParameterizedTest
	@CsvSource({
			"openid email profile, openid https://www.googleapis.com/auth/userinfo.email"
					+ " https://www.googleapis.com/auth/userinfo.profile, ''",
			"https://www.googleapis.com/auth/userinfo.email, email openid, ''",
			"email profile, openid https://www.googleapis.com/auth/userinfo.profile, email",
			"https://www.googleapis.com/auth/drive, https://www.googleapis.com/auth/drive.readonly,"
					+ " https://www.googleapis.com/auth/drive" })
	void knowsGooglesNames(String requested, String granted, String missing) {
		assertMissing(requested, granted, missing);
	}

	@ParameterizedTest
	@CsvSource({ "user gist user:email, user gist, ''", "read:user user:follow, user, ''",
			"repo repo:status repo_deployment public_repo repo:invite security_events, repo, ''",
			"admin:org write:org read:org, admin:org, ''", "write:org read:org, write:org, ''",
			"read:org, write:org, ''", "read:project, project, ''", "read:audit_log, audit_log, ''",
			"manage_runners:org, admin:org, ''", "manage_billing:enterprise, admin:enterprise, ''",
			"user, user:email, user", "admin:org, write:org, admin:org", "write:org, read:org, write:org",
			"repo, public_repo, repo", "read:org, user, read:org", "gist, user repo, gist",
			"delete_repo, repo, delete_repo", "delete:packages, write:packages, delete:packages" })
	void knowsWhatGitHubLeavesOut(String requested, String granted, String missing) {
		assertMissing(requested, granted, missing);
	}

	@ParameterizedTest
	@CsvSource({ "https://graph.microsoft.com/User.Read, User.Read, ''",
			"openid user.read, User.Read profile openid email, ''",
			"https://graph.microsoft.com/mail.read, Mail.Read, ''",
			"Calendars.ReadWrite, https://graph.microsoft.com/calendars.readwrite, ''", "api://0f0f/Access, Access, ''",
			"api://0F0F/access, api://0f0f/Access, ''", "api://0f0f/.default, Access.All, ''",
			"https://graph.microsoft.com/.default, User.Read, ''",
			"https://graph.microsoft.com/Mail.Send, Mail.Read, https://graph.microsoft.com/Mail.Send",
			"api://one/Access, api://two/Access, api://one/Access",
			"https://management.azure.com//user_impersonation, user_impersonation, ''" })
	void knowsWhatEntraMakesOfScopes(String requested, String granted, String missing) {
		assertMissing(requested, granted, missing);
	}

	@Test
	void doesNotAskForOpenidInAnAnswer() {
		assertMissing("openid models", "models", "");
	}

	private static void assertMissing(String requested, String granted, String missing) {
		assertThat(Scopes.missing(scopes(requested), scopes(granted))).containsExactlyElementsOf(scopes(missing));
	}

	private static List<String> scopes(String text) {
		return text.isEmpty() ? List.of() : List.of(text.split(" "));
	}

}
