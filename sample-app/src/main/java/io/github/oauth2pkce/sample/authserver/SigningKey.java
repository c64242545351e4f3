package io.github.oauth2pkce.sample.authserver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.ParseException;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;

/**
 * The RSA key that signs access tokens, kept in a file so that tokens outlive a restart.
 *
 * @param rsa the key pair
 */
record SigningKey(RSAKey rsa) {

	static SigningKey at(Path file) {
		try {
			if (Files.exists(file)) {
				return new SigningKey(RSAKey.parse(Files.readString(file)));
			}
			RSAKey rsa = new RSAKeyGenerator(2048).keyIDFromThumbprint(true).generate();
			Files.createDirectories(file.toAbsolutePath().getParent());
			Files.createFile(file, ownerOnly());
			Files.writeString(file, rsa.toJSONString());
			return new SigningKey(rsa);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (ParseException | JOSEException ex) {
			throw new IllegalStateException("No signing key at " + file + "; delete the file to get a new one", ex);
		}
	}

	private static FileAttribute<?>[] ownerOnly() {
		return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
				? new FileAttribute<?>[] {
						PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")) }
				: new FileAttribute<?>[0];
	}

	@Override
	public String toString() {
		return "SigningKey[" + this.rsa.getKeyID() + "]";
	}

}
