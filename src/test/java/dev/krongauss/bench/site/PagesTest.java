package dev.krongauss.bench.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the pages name is there: links, anchors, commands, options, classes, settings. */
final class PagesTest {
  private static final Path HOME =
      Path.of(System.getProperty("krongauss.home", "")).toAbsolutePath();

  private static final int WIDTH = 100;

  /** Paths that a command makes. */
  private static final Set<String> MADE = Set.of("bench/out", "bench/data", "bench/gpu/out");

  private static final Pattern NAMED =
      Pattern.compile("(?<![\\w./-])((?:bench|native|kernels|findings|src)/[\\w./-]*\\w)");
  private static final Pattern CODE = Pattern.compile("`([^`\n]+)`|^ {4}(.*)$", Pattern.MULTILINE);
  private static final Pattern OPTION = Pattern.compile("(?<=\\s)--[a-z][a-z-]+");
  private static final Pattern TEST = Pattern.compile("-Dtest='?([\\w,#]+)'?");
  private static final Pattern MAIN = Pattern.compile("bench/run (dev[\\w.]+)");
  private static final Pattern PROPERTY = Pattern.compile("-D(krongauss(?:\\.\\w+)+)=");

  @Test
  void everyLinkAndAnchorLeadsSomewhere() throws IOException {
    Site site = new Site(HOME);
    assertThatCode(
            () -> {
              site.read();
              site.checkAnchors();
            })
        .doesNotThrowAnyException();
    assertThat(site.pages()).contains(Path.of("README.md"), Path.of("kernels/README.md"));
  }

  @Test
  void everyPageByTaskIsInTheListOfPages() throws IOException {
    List<Path> listed =
        Contents.read(HOME).groups().stream().flatMap(group -> group.pages().stream()).toList();
    assertThat(listed).doesNotHaveDuplicates().containsAll(ours());
  }

  @Test
  void proseEndsItsLinesAtOneWidth() throws IOException {
    for (Path page : SitePages.of(HOME)) {
      if (page.endsWith("CHANGELOG.md") || page.endsWith("BUDGET.md")) {
        continue; // a line a change; made by kernels/budget
      }
      assertThat(prose(Files.readAllLines(HOME.resolve(page))))
          .as("%s: lines of prose beyond %d characters", page, WIDTH)
          .isEmpty();
    }
  }

  @Test
  void everyFileAndCommandThatIsNamedIsThere() throws IOException {
    List<String> missing = new ArrayList<>();
    for (Path page : SitePages.of(HOME)) {
      if (page.endsWith("CHANGELOG.md")) {
        continue; // it speaks of what was
      }
      for (String code : code(page)) {
        Matcher named = NAMED.matcher(code);
        while (named.find()) {
          String name = named.group(1);
          boolean made = MADE.stream().anyMatch(name::startsWith) || isExample(name);
          if (!made && !isThere(page, name)) {
            missing.add(page + " names " + name);
          }
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void everyOptionTestAndMainClassThatIsNamedIsThere() throws IOException {
    String sources = text("bench") + text("native") + text("kernels") + text("src/test/java");
    for (Path page : ours()) {
      for (String code : code(page)) {
        assertNamed(page, code, OPTION, 0, option -> sources.contains(option));
        assertNamed(page, code, MAIN, 1, PagesTest::isClass);
        assertNamed(
            page, code, TEST, 1, tests -> Stream.of(tests.split(",")).allMatch(PagesTest::isTest));
      }
    }
  }

  @Test
  void everySettingThatIsNamedIsRead() throws IOException {
    String sources =
        text("src/main/java") + text("src/test/java") + text("bench/src") + read("pom.xml");
    for (Path page : ours()) {
      String text = read(page.toString());
      Matcher property = PROPERTY.matcher(text);
      while (property.find()) {
        String name = property.group(1);
        String option = name.startsWith("krongauss.softcuda.") ? name.substring(19) : name;
        assertThat(sources).as("%s names %s", page, name).contains("\"" + option + "\"");
      }
    }
    Matcher row = Pattern.compile("^\\| `(\\w+)` \\|", Pattern.MULTILINE).matcher(settings());
    List<String> listed = row.results().map(found -> found.group(1)).toList();
    assertThat(listed).hasSizeGreaterThan(5);
    assertThat(listed)
        .allSatisfy(name -> assertThat(sources).contains("\"krongauss." + name + "\""));
  }

  private static String settings() throws IOException {
    String page = read("src/site/conventions.md");
    int start = page.indexOf("## Settings");
    return page.substring(start, page.indexOf("\n## ", start + 1));
  }

  private static void assertNamed(
      Path page, String code, Pattern what, int group, Predicate<String> there) {
    Matcher named = what.matcher(code);
    while (named.find()) {
      String name = named.group(group);
      assertThat(there.test(name)).as("%s names %s", page, name).isTrue();
    }
  }

  /** README.md, the pages by task, and the page of results. */
  private static List<Path> ours() throws IOException {
    List<Path> pages =
        new ArrayList<>(List.of(Path.of("README.md"), Path.of("bench/results/README.md")));
    try (Stream<Path> files = Files.list(HOME.resolve("src/site"))) {
      files.filter(SitePages::isPage).map(HOME::relativize).sorted().forEach(pages::add);
    }
    return pages;
  }

  private static List<String> prose(List<String> lines) {
    List<String> wide = new ArrayList<>();
    boolean code = false;
    for (String line : lines) {
      code ^= line.startsWith("```");
      boolean prose = !code && !line.matches("(\\||#|```|    |<|>|!\\[).*");
      if (prose && line.codePointCount(0, line.length()) > WIDTH) {
        wide.add(line);
      }
    }
    return wide;
  }

  private static List<String> code(Path page) throws IOException {
    List<String> pieces = new ArrayList<>();
    Matcher code = CODE.matcher(read(page.toString()));
    while (code.find()) {
      pieces.add(" " + (code.group(1) == null ? code.group(2) : code.group(1)));
    }
    return pieces;
  }

  /** Names in examples of what a reader might make. */
  private static boolean isExample(String name) {
    return name.matches(".*(norm|Norm|20\\d\\d-12|NAME|DATE|/RUN|tests/fuzz).*");
  }

  /** From the project's folder, or from the page's own. */
  private static boolean isThere(Path page, String name) {
    Path own = HOME.resolve(page).resolveSibling(name);
    return Files.exists(HOME.resolve(name)) || Files.exists(own);
  }

  private static boolean isClass(String name) {
    String file = name.replace('.', '/') + ".java";
    return Stream.of("bench/src", "src/test/java", "src/main/java")
        .anyMatch(folder -> Files.isRegularFile(HOME.resolve(folder).resolve(file)));
  }

  private static boolean isTest(String test) {
    try (Stream<Path> files = Files.walk(HOME.resolve("src/test/java"))) {
      String file = test.split("#")[0] + ".java";
      return files.anyMatch(path -> path.getFileName().toString().equals(file));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String read(String file) throws IOException {
    return Files.readString(HOME.resolve(file));
  }

  /** All sources below a folder, scripts among them. */
  private static String text(String folder) throws IOException {
    try (Stream<Path> files = Files.walk(HOME.resolve(folder))) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.getFileName().toString().matches(".*\\.(java|py|sh)|[a-z]+"))
          .map(
              file -> {
                try {
                  return Files.readString(file);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              })
          .collect(Collectors.joining("\n"));
    }
  }
}
