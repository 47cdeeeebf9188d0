package dev.krongauss.table;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.data.DataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Writes tables for tests, and expects what is said of wrong ones. */
final class TableFiles {
  private TableFiles() {}

  /** Lines joined by line feeds, with one at the end. */
  static Path lines(Path folder, String name, String... lines) throws IOException {
    return text(folder, name, String.join("\n", lines) + "\n");
  }

  static Path text(Path folder, String name, String content) throws IOException {
    return bytes(folder, name, content.getBytes(StandardCharsets.UTF_8));
  }

  static Path bytes(Path folder, String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  static byte[] gzipped(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  /** A reader that says nothing on the way. */
  static TableReader quiet(TableReader reader) {
    return reader.log(line -> {});
  }

  /** A problem of the data that is told with all these parts, the file among them. */
  static void assertRefused(Path file, ThrowingCallable read, String... parts) {
    assertThatThrownBy(read)
        .isInstanceOf(DataException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContainingAll(parts);
  }

  static void assertRefused(TableReader reader, Path file, String... parts) {
    assertRefused(file, () -> quiet(reader).read(), parts);
  }
}
