package io.github.oauth2pkce.discovery;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.ServerText;

/**
 * What a resource says in a challenge that a token needs (RFC 6750 section 3, RFC 9470
 * section 3). A resource may say anything: what is too long, or no legal value, is left
 * out. Immutable.
 *
 * @param insufficient whether the resource knew the token, and it was not good enough: a
 * login has to bring more. Otherwise the scopes only name what a login should ask for
 * @param scopes the first {@value #MOST_SCOPES} scopes (RFC 6749 section 3.3)
 * @param acrValues authentication context classes, the preferred one first, separated by
 * spaces
 * @param maxAge the longest time in seconds since the person has logged in
 * @param claims a JSON object as the authorization server expects it (OpenID Connect Core
 * section 5.5), in printable ASCII
 * @param resourceMetadata where the resource says that its metadata is (RFC 9728 section
 * 5.1), as it wrote it: checked by whoever goes there
 */
public record ResourceDemand(boolean insufficient, Set<String> scopes, @Nullable String acrValues,
		@Nullable Long maxAge, @Nullable String claims, @Nullable String resourceMetadata) {

	/** Nothing is demanded. */
	public static final ResourceDemand NONE = new ResourceDemand(false, Set.of(), null, null, null, null);

	static final int MOST_SCOPES = 50;

	private static final int LONGEST_SCOPE = 200;

	private static final int LONGEST_ACR_VALUES = 500;

	/**
	 * A login by browser has all this in an address, and servers refuse long ones: nobody
	 * could log in.
	 */
	private static final int LONGEST_CLAIMS = 2048;

	/** Of all scopes together, for the same reason; a person has to read them as well. */
	private static final int LONGEST_SCOPES = 1500;

	private static final int LONGEST_ADDRESS = 2048;

	/**
	 * Creates the demand, without what no request could say.
	 */
	public ResourceDemand {
		scopes = legal(scopes);
		acrValues = (acrValues != null && !acrValues.isBlank() && acrValues.length() <= LONGEST_ACR_VALUES
				&& acrValues.chars().allMatch((c) -> c == ' ' || isScopeCharacter(c))) ? acrValues.strip() : null;
		maxAge = (maxAge != null && maxAge >= 0) ? maxAge : null;
		claims = (claims != null && claims.length() <= LONGEST_CLAIMS) ? ClaimsRequest.parse(claims) : null;
		claims = (claims != null && claims.length() <= LONGEST_CLAIMS) ? claims : null;
		resourceMetadata = (resourceMetadata != null && !resourceMetadata.isBlank()
				&& resourceMetadata.length() <= LONGEST_ADDRESS) ? resourceMetadata : null;
	}

	private static Set<String> legal(Collection<String> scopes) {
		Set<String> legal = new LinkedHashSet<>();
		int length = 0;
		for (String scope : scopes) {
			if (legal.size() == MOST_SCOPES) {
				break;
			}
			if (!scope.isEmpty() && scope.length() <= LONGEST_SCOPE && length + scope.length() <= LONGEST_SCOPES
					&& scope.chars().allMatch(ResourceDemand::isScopeCharacter) && legal.add(scope)) {
				length += scope.length();
			}
		}
		return Collections.unmodifiableSet(legal);
	}

	/** RFC 6749 section 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ). */
	private static boolean isScopeCharacter(int c) {
		return c > ' ' && c < 0x7f && c != '"' && c != '\\';
	}

	/**
	 * Whether a login has nothing to ask for because of it. An address of metadata does
	 * not count.
	 * @return {@code false} when it names a scope or anything else to ask for
	 */
	public boolean isEmpty() {
		return this.scopes.isEmpty() && this.acrValues == null && this.maxAge == null && this.claims == null;
	}

	/**
	 * Whether another login would change nothing: many servers answer so to a person who
	 * may not do something.
	 * @param granted the scopes of the present login
	 * @return {@code true} when it demands scopes alone, and the login has them
	 */
	public boolean isMetBy(Collection<String> granted) {
		return this.acrValues == null && this.maxAge == null && this.claims == null && !this.scopes.isEmpty()
				&& granted.containsAll(this.scopes);
	}

	/**
	 * This demand and a later one.
	 * @param later the other one
	 * @return the scopes of both, and of everything else what was said last
	 */
	public ResourceDemand and(ResourceDemand later) {
		Set<String> all = new LinkedHashSet<>(this.scopes);
		all.addAll(later.scopes);
		return new ResourceDemand(this.insufficient || later.insufficient, all,
				(later.acrValues != null) ? later.acrValues : this.acrValues,
				(later.maxAge != null) ? later.maxAge : this.maxAge,
				(later.claims != null) ? later.claims : this.claims,
				(later.resourceMetadata != null) ? later.resourceMetadata : this.resourceMetadata);
	}

	/**
	 * The same of a token that the resource has not seen.
	 * @return a demand that is not {@link #insufficient()}
	 */
	public ResourceDemand merelyNamed() {
		return new ResourceDemand(false, this.scopes, this.acrValues, this.maxAge, this.claims, this.resourceMetadata);
	}

	ResourceDemand withResourceMetadata(@Nullable String address) {
		return new ResourceDemand(this.insufficient, this.scopes, this.acrValues, this.maxAge, this.claims, address);
	}

	@Override
	public String toString() {
		return "ResourceDemand[insufficient=" + this.insufficient + ", scopes="
				+ ServerText.printable(String.join(" ", this.scopes)) + ", acrValues="
				+ ServerText.printable(this.acrValues) + ", maxAge=" + this.maxAge + ", claims="
				+ ServerText.printable(this.claims) + ", resourceMetadata="
				+ ServerText.printable(this.resourceMetadata) + "]";
	}

}
