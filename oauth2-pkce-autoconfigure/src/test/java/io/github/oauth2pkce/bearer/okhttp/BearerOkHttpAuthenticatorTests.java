package io.github.oauth2pkce.bearer.okhttp;

import okhttp3.Authenticator;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BearerOkHttpAuthenticatorTests extends BearerOkHttpInterceptorTests {

	@Override
	Authenticator authenticator() {
		return new BearerOkHttpAuthenticator();
	}

	@Test
	void asksOthersAboutWhatIsNotItsOwn() throws Exception {
		Request theirs = new Request.Builder().url(API).header("Authorization", "theirs").build();
		Authenticator authenticator = new BearerOkHttpAuthenticator().beside((route, response) -> theirs);
		Response response = new Response.Builder().request(new Request.Builder().url(API).build())
			.protocol(Protocol.HTTP_1_1)
			.code(401)
			.message("")
			.build();
		assertThat(authenticator.authenticate(null, response)).isSameAs(theirs);
	}

}
