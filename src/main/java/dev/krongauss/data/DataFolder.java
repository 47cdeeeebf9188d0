package dev.krongauss.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds a data file in the folder given, or in its sub-folder of a known name. */
final class DataFolder {
  private DataFolder() {}

  /**
   * The first existing of {@code folder/name.gz}, {@code folder/name}, {@code folder/sub/name.gz}
   * and {@code folder/sub/name}.
   *
   * @throws DataException if none exists; the message lists all of them
   */
  static Path find(Path folder, String sub, String name) throws DataException {
    List<Path> tried = new ArrayList<>();
    for (Path place : List.of(folder, folder.resolve(sub))) {
      tried.add(place.resolve(name + ".gz"));
      tried.add(place.resolve(name));
    }
    for (Path file : tried) {
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    throw new DataException(
        "no %s in the data folder %s (looked for %s); give the folder that holds the file"
            .formatted(name, folder, tried));
  }
}
