package io.github.oauth2pkce.testing;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * RFC 9728: the metadata of whatever resource it is asked for.
 */
final class ResourceMetadataBehavior implements Behavior {

	private final JsonMembers members;

	private final Supplier<String> origin;

	private final Supplier<String> issuer;

	ResourceMetadataBehavior(JsonMembers members, Supplier<String> origin, Supplier<String> issuer) {
		this.members = members;
		this.origin = origin;
		this.issuer = issuer;
	}

	@Override
	public Answer answer(RecordedRequest request) {
		Map<String, Object> document = new LinkedHashMap<>();
		document.put("resource",
				this.origin.get() + request.path().substring(Endpoint.RESOURCE_METADATA.path().length()));
		document.put("authorization_servers", List.of(this.issuer.get()));
		document.put("bearer_methods_supported", List.of("header"));
		return Answer.json(200, this.members.applyTo(document));
	}

}
