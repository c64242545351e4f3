package io.github.oauth2pkce.login;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauth2pkce.store.Credential;
import io.github.oauth2pkce.store.Credential.Origin;
import io.github.oauth2pkce.store.CredentialId;

/**
 * A record in the place of a login that is on its way into a file or out of one. It
 * belongs to no server and no client, so that nobody takes it for a login.
 *
 * @param record what is stored
 * @param transfer which move it is of
 * @param client which registered client has gone with the login, {@code null} in the mark
 * of an import
 * @param file where the login is to be, or was
 * @param other where it is if it is not there
 */
record TransferMark(Credential record, String transfer, @Nullable String client, LoginFile file, LoginFile other) {

	private static final String EXPORTED = "oauth2-pkce:exported:";

	private static final String IMPORTING = "oauth2-pkce:importing:";

	/** Before the client that has gone with the login, or the name of the file. */
	private static final String SEPARATOR = ":";

	/**
	 * Marks the place of a login as left.
	 * @param login what was there
	 * @param file where it goes to
	 */
	static TransferMark exported(Credential login, String transfer, LoginFile file, long generation) {
		Origin origin = login.origin();
		return read(
				record(login.id(), new Origin(origin.issuer(), "", EXPORTED + transfer + SEPARATOR + origin.clientId()),
						file, generation));
	}

	/**
	 * Marks the place of a login as reserved.
	 * @param file where it comes from
	 * @param claimed the name that the file gets, which only this store takes
	 */
	static TransferMark importing(CredentialId id, String transfer, LoginFile file, LoginFile claimed,
			long generation) {
		return read(
				record(id, new Origin(null, "", IMPORTING + transfer + SEPARATOR + claimed.name()), file, generation));
	}

	private static Credential record(CredentialId id, Origin origin, LoginFile file, long generation) {
		return new Credential(id, origin, "", null, Set.of(), Instant.EPOCH, Instant.EPOCH, null, null, null, null,
				file.toString(), generation);
	}

	private static TransferMark read(Credential record) {
		return Objects.requireNonNull(of(record));
	}

	/**
	 * Reads a mark.
	 * @return {@code null} for a login, and for nothing
	 */
	static @Nullable TransferMark of(@Nullable Credential stored) {
		String name = (stored != null) ? stored.origin().clientId() : "";
		boolean export = name.startsWith(EXPORTED);
		if (stored == null || (!export && !name.startsWith(IMPORTING))) {
			return null;
		}
		String[] parts = name.substring((export ? EXPORTED : IMPORTING).length()).split(SEPARATOR, 2);
		String rest = (parts.length > 1) ? parts[1] : "";
		LoginFile file = new LoginFile(Path.of(String.valueOf(stored.assertion())));
		return export ? new TransferMark(stored, parts[0], rest, file, file.unfinished(parts[0]))
				: new TransferMark(stored, parts[0], null, file, file.beside(rest));
	}

	boolean isExport() {
		return this.client != null;
	}

	boolean isImportOf(String transfer) {
		return !isExport() && this.transfer.equals(transfer);
	}

	/** Where the login is, as the end of a sentence. */
	String where() {
		return "its " + (isExport() ? "export" : "import") + " was interrupted, so the login is in " + this.file
				+ ", or in " + this.other + ", which must get that name";
	}

}
