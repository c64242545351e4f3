package io.github.oauth2pkce.testing;

/**
 * The protected resource at a path.
 */
final class ResourceBehavior implements Behavior {

	private final ProtectedResources resources;

	ResourceBehavior(ProtectedResources resources) {
		this.resources = resources;
	}

	@Override
	public Answer answer(RecordedRequest request) {
		FakeResource resource = this.resources.serving(request.path());
		return (resource != null) ? resource.answer(request) : Answer.status(404);
	}

}
