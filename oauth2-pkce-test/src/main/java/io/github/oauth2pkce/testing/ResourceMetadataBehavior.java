package io.github.oauth2pkce.testing;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * RFC 9728: the metadata of the {@link FakeResource}s, or of whatever resource it is
 * asked for as long as there are none.
 */
final class ResourceMetadataBehavior implements Behavior {

	private final ProtectedResources resources;

	private final JsonMembers members;

	private final Supplier<String> origin;

	private final Supplier<String> issuer;

	ResourceMetadataBehavior(ProtectedResources resources, JsonMembers members, Supplier<String> origin,
			Supplier<String> issuer) {
		this.resources = resources;
		this.members = members;
		this.origin = origin;
		this.issuer = issuer;
	}

	@Override
	public Answer answer(RecordedRequest request) {
		if (!this.resources.isEmpty()) {
			FakeResource resource = this.resources.describedAt(request.path());
			return (resource != null) ? Answer.json(200, resource.document()) : Answer.status(404);
		}
		Map<String, Object> document = new LinkedHashMap<>();
		document.put("resource",
				this.origin.get() + request.path().substring(Endpoint.RESOURCE_METADATA.path().length()));
		document.put("authorization_servers", List.of(this.issuer.get()));
		document.put("bearer_methods_supported", List.of("header"));
		return Answer.json(200, this.members.applyTo(document));
	}

}
