package io.github.oauth2pkce.bearer;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.oauth2pkce.discovery.ResourceDemand;

/** Remembers events as lines such as {@code skipped github no_token}. */
public final class RecordingListener implements BearerListener {

	public final List<String> events = new CopyOnWriteArrayList<>();

	final List<ResourceDemand> demands = new CopyOnWriteArrayList<>();

	@Override
	public void propagated(String providerId) {
		this.events.add("propagated " + providerId);
	}

	@Override
	public void skipped(String providerId, SkipReason reason) {
		this.events.add("skipped " + providerId + " " + reason);
	}

	@Override
	public void unauthorized(String providerId, RecoveryOutcome recovery) {
		this.events.add("unauthorized " + providerId + " " + recovery.tag());
	}

	@Override
	public void challenged(String providerId, ResourceDemand demand) {
		this.demands.add(demand);
	}

}
