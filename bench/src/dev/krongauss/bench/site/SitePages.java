package dev.krongauss.bench.site;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** Which Markdown files of the project are pages, and where their HTML goes. */
final class SitePages {
  private static final String PAGES = "src/site/";
  private static final String FOLDER_PAGE = "README.md";
  private static final String MARKDOWN = ".md";
  private static final String SOURCE_TEXT = ".in.md";
  private static final Set<String> NOT_OURS = Set.of("target", ".git", "out", "data", ".idea");

  private SitePages() {}

  /**
   * All pages of a project, sorted.
   *
   * @param home the project's folder
   * @return paths from there
   */
  static List<Path> of(Path home) throws IOException {
    List<Path> pages = new ArrayList<>();
    Files.walkFileTree(
        home,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean ours =
                folder.equals(home) || !NOT_OURS.contains(folder.getFileName().toString());
            return ours ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(MARKDOWN) && !file.toString().endsWith(SOURCE_TEXT)) {
              pages.add(home.relativize(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    Collections.sort(pages);
    return pages;
  }

  /** Whether a path from the project's folder is that of a page. */
  static boolean isPage(Path file) {
    return file.toString().endsWith(MARKDOWN) && !file.toString().endsWith(SOURCE_TEXT);
  }

  /** The page that stands for a folder. */
  static Path ofFolder(Path folder) {
    return folder.resolve(FOLDER_PAGE);
  }

  /** Where a page's HTML goes, from the site's folder: {@code src/site/} is left out. */
  static Path html(Path page) {
    String name = page.toString();
    if (name.startsWith(PAGES)) {
      name = name.substring(PAGES.length());
    }
    if (page.getFileName().toString().equals(FOLDER_PAGE)) {
      return Path.of(name).resolveSibling("index.html");
    }
    return Path.of(name.substring(0, name.length() - MARKDOWN.length()) + ".html");
  }
}
