package dev.krongauss.bench.fetch;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * What a file must hold.
 *
 * @param algorithm as {@link MessageDigest} names it
 * @param hex in lower case
 * @param unpacked of what gzip unpacks, where packing differs from tool to tool; else of the file
 */
record Checksum(String algorithm, String hex, boolean unpacked) {
  private static final int BUFFER = 1 << 16;

  /** Whether the file is the wanted one; of one that is no gzip where it should be: no. */
  boolean matches(Path file) throws IOException {
    return hex.equals(of(file));
  }

  /** The file's, or what keeps it from having one. */
  String of(Path file) throws IOException {
    MessageDigest digest = digest();
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = unpacked ? new GZIPInputStream(raw, BUFFER) : raw) {
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    } catch (ZipException | EOFException e) {
      return "none, since gzip reports \"%s\"".formatted(e.getMessage());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private MessageDigest digest() {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JVM has no " + algorithm, e);
    }
  }

  @Override
  public String toString() {
    return "%s%s %s".formatted(algorithm, unpacked ? " (unpacked)" : "", hex);
  }
}
