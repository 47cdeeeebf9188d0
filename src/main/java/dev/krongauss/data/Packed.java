package dev.krongauss.data;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that may be gzipped: told by their first two bytes, not by their name. */
public final class Packed {
  private static final int GZIP_MAGIC = 0x1f8b;
  private static final int BUFFER = 1 << 16;

  private Packed() {}

  /**
   * Opens a file, gzipped or plain.
   *
   * @param file where it is
   * @param what it should be, for the message: {@code the IDX file}
   * @return its unpacked bytes; the caller closes it
   * @throws DataException if there is no such file
   * @throws IOException if reading fails; of a damaged gzip stream {@code EOFException} or {@code
   *     ZipException}, then or later
   */
  public static InputStream open(Path file, String what) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new DataException(
          (Files.exists(file) ? "%s is not a file" : "%s: no such file").formatted(file)
              + "; give the path of "
              + what
              + ", plain or gzipped");
    }
    InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
    try {
      byte[] start = raw.readNBytes(2);
      InputStream whole = new SequenceInputStream(new ByteArrayInputStream(start), raw);
      boolean gzip =
          start.length == 2 && (((start[0] & 0xff) << 8) | (start[1] & 0xff)) == GZIP_MAGIC;
      return gzip ? new WholeGzip(whole, BUFFER, Files.size(file)) : whole;
    } catch (IOException | RuntimeException e) {
      raw.close();
      throw e;
    }
  }
}
