package dev.krongauss.bench.fetch;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

/**
 * What a server did to a file on its way. Headers do not tell: {@code Content-Encoding: x-gzip} is
 * what some say of every {@code .gz} file as it lies there, others pack it once more, or unpack it.
 * The checksums do.
 */
final class Packing {
  private static final int BUFFER = 1 << 16;

  private Packing() {}

  /**
   * Makes the wanted file of what came: it is that already, that packed once more, or what is in
   * it.
   *
   * @param came replaced by the wanted file where it is not that yet
   * @return what is wrong; null: it is the wanted file now
   * @throws IOException if the disk fails
   */
  static String undo(DataFile file, Path came) throws IOException {
    String wrong = file.wrong(came);
    if (wrong == null) {
      return null;
    }
    Path other = came.resolveSibling(came.getFileName() + ".repacked");
    try {
      if (!unpack(came, other, file.limit()) && !pack(file, came, other)) {
        return wrong;
      }
      if (file.wrong(other) != null) {
        return wrong;
      }
      Files.move(other, came, StandardCopyOption.REPLACE_EXISTING);
      return null;
    } finally {
      Files.deleteIfExists(other);
    }
  }

  /** False if it is no gzip, or holds more than the file can have. */
  private static boolean unpack(Path from, Path to, long limit) throws IOException {
    try (InputStream raw = Files.newInputStream(from);
        InputStream in = new GZIPInputStream(raw, BUFFER);
        OutputStream out = Files.newOutputStream(to)) {
      byte[] buffer = new byte[BUFFER];
      long length = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        length += n;
        if (length > limit) {
          return false;
        }
        out.write(buffer, 0, n);
      }
      return true;
    } catch (ZipException | EOFException e) {
      return false; // no gzip, or a damaged one
    }
  }

  /** False if the packed bytes themselves are what is checked: no two tools write the same. */
  private static boolean pack(DataFile file, Path from, Path to) throws IOException {
    if (!file.checksums().stream().allMatch(Checksum::unpacked)) {
      return false;
    }
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(to), BUFFER)) {
      Files.copy(from, out);
    }
    return true;
  }
}
