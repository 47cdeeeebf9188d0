package dev.krongauss.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** All folders of {@code bench/results}, and which of them a text has spoken of. */
final class ResultFolders {
  private final Map<String, ResultFolder> folders = new TreeMap<>();
  private final Set<String> unnamed = new TreeSet<>();

  private ResultFolders(List<Path> paths) {
    paths.forEach(path -> folders.put(path.getFileName().toString(), new ResultFolder(path)));
    unnamed.addAll(folders.keySet());
  }

  /**
   * Reads which there are.
   *
   * @param results the folder {@code bench/results}
   */
  static ResultFolders in(Path results) throws IOException {
    try (Stream<Path> entries = Files.list(results)) {
      return new ResultFolders(entries.filter(Files::isDirectory).sorted().toList());
    }
  }

  /**
   * The folder of a name.
   *
   * @throws ReportException if there is none
   */
  ResultFolder get(String name) {
    ResultFolder folder = folders.get(name);
    if (folder == null) {
      throw new ReportException(
          "there is no folder bench/results/%s; there are %s", name, folders.keySet());
    }
    unnamed.remove(name);
    return folder;
  }

  /** Folders that nobody has asked for. */
  Set<String> unnamed() {
    return Collections.unmodifiableSet(unnamed);
  }
}
