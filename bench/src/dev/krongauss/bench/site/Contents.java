package dev.krongauss.bench.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The order of the site, from {@code src/site/contents.txt}: a line {@code # NAME} begins a group,
 * any other is a page's path from the project's folder.
 *
 * @param groups in their order
 */
record Contents(List<Group> groups) {
  /** Pages under one name. */
  record Group(String name, List<Path> pages) {}

  private static final String FILE = "src/site/contents.txt";

  /**
   * Reads it.
   *
   * @param home the project's folder
   * @throws SiteException if it names a page that is not there
   */
  static Contents read(Path home) throws IOException {
    List<Group> groups = new ArrayList<>();
    for (String line : Files.readAllLines(home.resolve(FILE))) {
      if (line.startsWith("# ")) {
        groups.add(new Group(line.substring(2), new ArrayList<>()));
      } else if (!line.isBlank()) {
        if (groups.isEmpty() || !Files.isRegularFile(home.resolve(line))) {
          throw new SiteException("%s: there is no page '%s', or no group before it", FILE, line);
        }
        groups.get(groups.size() - 1).pages().add(Path.of(line));
      }
    }
    return new Contents(groups);
  }
}
