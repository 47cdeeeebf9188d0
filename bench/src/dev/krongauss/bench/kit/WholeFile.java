package dev.krongauss.bench.kit;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Result files that are whole at any moment. */
final class WholeFile {
  private WholeFile() {}

  /**
   * Writes a file, or writes it anew.
   *
   * @param work where it is prepared, so that a process that is killed leaves nothing in the
   *     results
   */
  static void write(Path file, Path work, String text) throws IOException {
    Files.createDirectories(work);
    Files.createDirectories(file.toAbsolutePath().getParent());
    Path part = Files.writeString(work.resolve(file.getFileName() + ".part"), text);
    try {
      move(part, file);
    } catch (AtomicMoveNotSupportedException e) {
      // Results on a file system of their own: what is prepared has to lie beside them.
      Path beside = file.resolveSibling("." + file.getFileName() + ".part");
      Files.move(part, beside, StandardCopyOption.REPLACE_EXISTING);
      move(beside, file);
    }
  }

  private static void move(Path part, Path file) throws IOException {
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
