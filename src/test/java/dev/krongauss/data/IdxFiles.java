package dev.krongauss.data;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Writes IDX files of unsigned bytes for tests, right or wrong. */
public final class IdxFiles {
  private IdxFiles() {}

  /**
   * The values after a header of this shape, whether they fit it or not; gzipped for {@code .gz}.
   */
  public static void write(Path file, byte[] values, int... shape) throws IOException {
    try (OutputStream raw = Files.newOutputStream(file);
        DataOutputStream out =
            new DataOutputStream(
                file.toString().endsWith(".gz") ? new GZIPOutputStream(raw, 1 << 16) : raw)) {
      out.writeInt(0x0800 | shape.length);
      for (int size : shape) {
        out.writeInt(size);
      }
      out.write(values);
    }
  }
}
