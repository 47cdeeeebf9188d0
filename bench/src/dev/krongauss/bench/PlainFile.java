package dev.krongauss.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether a path is a file that can be read, twice as a table is. */
public final class PlainFile {
  private PlainFile() {}

  /** Cause and way out where it is not; empty where it is. */
  public static Optional<String> problem(Path file) {
    if (Files.isRegularFile(file)) {
      return Optional.empty();
    }
    if (!Files.exists(file)) {
      return Optional.of("there is no such file; give the one that holds the rows");
    }
    return Optional.of(
        Files.isDirectory(file)
            ? "it is a folder; give a file in it"
            : "it is a pipe or a device, which cannot be read twice; write the rows to a file"
                + " first");
  }
}
