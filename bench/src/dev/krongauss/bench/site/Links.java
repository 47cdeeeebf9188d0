package dev.krongauss.bench.site;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where the links of one page lead: to other pages, to the Javadoc of a source of the library, and
 * to other files of the project, which go into the site as they are.
 */
final class Links {
  private static final Path LIBRARY = Path.of("src/main/java");
  private static final Path API = Path.of("apidocs");

  private final Path home;
  private final Path page;
  private final Set<Path> files = new TreeSet<>();
  private final Set<String> anchors = new TreeSet<>();

  /**
   * @param home the project's folder
   * @param page its path from there
   */
  Links(Path home, Path page) {
    this.home = home;
    this.page = page;
  }

  /**
   * A link of the page as the site has it.
   *
   * @throws SiteException if it leads to nothing in the project
   */
  String resolve(String link) {
    if (URI.create(link.replace(" ", "%20")).isAbsolute()) {
      return link;
    }
    int hash = link.indexOf('#');
    String anchor = hash < 0 ? "" : link.substring(hash);
    String name = hash < 0 ? link : link.substring(0, hash);
    Path target = name.isEmpty() ? page : parent(page).resolve(name).normalize();
    Path there = destination(target, link);
    if (!anchor.isEmpty()) {
      anchors.add(target + anchor);
    }
    return relative(there) + anchor;
  }

  private Path destination(Path target, String link) {
    if (target.startsWith("..") || !Files.exists(home.resolve(target))) {
      throw new SiteException("the link '%s' leads to nothing (%s)", link, target);
    }
    if (Files.isDirectory(home.resolve(target))) {
      return folder(target, link);
    }
    if (SitePages.isPage(target)) {
      return SitePages.html(target);
    }
    if (target.startsWith(LIBRARY)) {
      String name = LIBRARY.relativize(target).toString();
      String html = name.replaceAll("\\.java$", ".html").replace("package-info", "package-summary");
      return API.resolve(html);
    }
    files.add(target);
    return target;
  }

  private Path folder(Path target, String link) {
    if (target.startsWith(LIBRARY)) {
      return API.resolve(LIBRARY.relativize(target)).resolve("package-summary.html");
    }
    Path page = SitePages.ofFolder(target);
    if (!Files.exists(home.resolve(page))) {
      throw new SiteException("the link '%s' leads to a folder without a README.md", link);
    }
    return SitePages.html(page);
  }

  /** A place of the site, from where this page is. */
  String relative(Path there) {
    return parent(SitePages.html(page)).relativize(there).toString();
  }

  /** Files that the page links and that are no pages. */
  Set<Path> files() {
    return files;
  }

  /** Places within pages that it links, as {@code PAGE#ANCHOR}. */
  Set<String> anchors() {
    return anchors;
  }

  private static Path parent(Path path) {
    return path.getParent() == null ? Path.of("") : path.getParent();
  }
}
