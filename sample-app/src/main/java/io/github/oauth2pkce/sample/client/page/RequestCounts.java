package io.github.oauth2pkce.sample.client.page;

import java.util.ArrayList;
import java.util.List;

import io.github.oauth2pkce.Providers;
import io.github.oauth2pkce.bearer.SkipReason;
import io.github.oauth2pkce.observability.PkceMeter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.stereotype.Component;

/**
 * How many requests had a bearer, and why others had none: the starter's meters, over all
 * providers, as a bar chart.
 */
@Component
class RequestCounts {

	private final MeterRegistry meters;

	private final Providers providers;

	RequestCounts(MeterRegistry meters, Providers providers) {
		this.meters = meters;
		this.providers = providers;
	}

	Chart chart() {
		List<Bar> counted = new ArrayList<>();
		long propagated = count(PkceMeter.BEARER_PROPAGATED);
		counted.add(new Bar("With a bearer token", "", propagated, 0, Tone.GOOD));
		for (SkipReason reason : SkipReason.values()) {
			long count = count(PkceMeter.BEARER_SKIPPED, "reason", reason.tag());
			if (count > 0) {
				counted.add(new Bar("Without: " + Words.why(reason), reason.tag(), count, 0, Tone.ATTENTION));
			}
		}
		long most = counted.stream().mapToLong(Bar::count).max().orElse(0);
		return new Chart(counted.stream().map((bar) -> bar.outOf(most)).toList(),
				counted.stream().mapToLong(Bar::count).sum() - propagated);
	}

	private long count(PkceMeter meter, String... tags) {
		double count = 0;
		for (String providerId : this.providers.ids()) {
			Counter counter = this.meters.find(meter.meterName()).tag("provider", providerId).tags(tags).counter();
			count += (counter != null) ? counter.count() : 0;
		}
		return Math.round(count);
	}

	/**
	 * A bar chart.
	 *
	 * @param bars the requests with a bearer, and each reason that has occurred
	 * @param without how many requests had none
	 */
	record Chart(List<Bar> bars, long without) {

		boolean allWith() {
			return this.without == 0;
		}

	}

	/**
	 * A bar.
	 *
	 * @param label what it counts
	 * @param tag the value that meters, log and endpoint show; empty for none
	 * @param count how many requests
	 * @param width its length out of 100
	 * @param tone how good that is
	 */
	record Bar(String label, String tag, long count, long width, Tone tone) {

		Bar outOf(long most) {
			long share = (most > 0) ? Math.round(100.0 * this.count / most) : 0;
			// One of thousands should still be seen.
			return new Bar(this.label, this.tag, this.count, (this.count > 0) ? Math.max(1, share) : 0, this.tone);
		}

		boolean tagged() {
			return !this.tag.isEmpty();
		}

	}

}
