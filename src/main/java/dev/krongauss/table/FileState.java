package dev.krongauss.table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/**
 * A file as it was when it was opened, so that a change while it is read does not go unseen.
 *
 * @param size in bytes
 */
record FileState(Path file, long size, FileTime changed) {
  /** Of what is no file nothing is known; whoever reads it says so. */
  static FileState of(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return new FileState(file, 0, FileTime.fromMillis(0));
    }
    return new FileState(file, Files.size(file), Files.getLastModifiedTime(file));
  }

  void requireSame() throws IOException {
    FileState now = of(file);
    if (!equals(now)) {
      throw Say.problem(
          "%s changed while it was read: it has %,d bytes of %s, and had %,d of %s; read it when it"
              + " is whole",
          file, now.size, now.changed, size, changed);
    }
  }
}
