package dev.krongauss.bench.site;

import dev.krongauss.bench.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the site: all Markdown pages, the files that they link, and the Javadoc. */
@Command(
    name = "bench/site",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a site of the project's pages and the Javadoc, to open in a browser without a network.",
      "A link or an anchor that leads to nothing is an error."
    })
public final class Site implements Callable<Integer> {
  private static final Path STYLE = Path.of("src/site/site.css");

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where to. Default: target/site in the project's folder.")
  private Path out;

  @Option(names = "--no-javadoc", description = "The pages alone: a second instead of ten.")
  private boolean pagesAlone;

  private final Path home;
  private final Map<Path, MarkdownPage> pages = new LinkedHashMap<>();
  private final Map<Path, Links> links = new LinkedHashMap<>();

  Site(Path home) {
    this.home = home;
  }

  /** The command. */
  public static void main(String[] arguments) {
    System.exit(Commands.configure(new CommandLine(new Site(Commands.home()))).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    Path folder = out == null ? home.resolve("target/site") : out.toAbsolutePath();
    read();
    checkAnchors();
    write(folder);
    if (!pagesAlone) {
      ApiDocs.write(home, folder.resolve("apidocs"));
    }
    System.out.println(folder.resolve("index.html"));
    return CommandLine.ExitCode.OK;
  }

  /**
   * Reads all pages.
   *
   * @throws SiteException if a link or a formula of one is wrong
   */
  void read() throws IOException {
    for (Path page : SitePages.of(home)) {
      Links leading = new Links(home, page);
      try {
        pages.put(page, new MarkdownPage(Files.readString(home.resolve(page)), leading));
      } catch (SiteException e) {
        throw new SiteException("%s: %s", page, e.getMessage());
      }
      links.put(page, leading);
    }
  }

  /**
   * Looks for the places within pages that are linked.
   *
   * @throws SiteException if one is not there
   */
  void checkAnchors() {
    links.forEach(
        (page, leading) ->
            leading
                .anchors()
                .forEach(
                    place -> {
                      String[] parts = place.split("#", 2);
                      MarkdownPage target = pages.get(Path.of(parts[0]));
                      if (target == null || !target.hasAnchor(parts[1])) {
                        throw new SiteException(
                            "%s: %s has no heading '%s'", page, parts[0], parts[1]);
                      }
                    }));
  }

  private void write(Path folder) throws IOException {
    Layout layout = new Layout(Contents.read(home), pages);
    for (Map.Entry<Path, Links> each : links.entrySet()) {
      Path html = folder.resolve(SitePages.html(each.getKey()));
      Files.createDirectories(html.getParent());
      Files.writeString(html, layout.html(each.getKey(), each.getValue()));
      for (Path file : each.getValue().files()) {
        copy(file, folder.resolve(file));
      }
    }
    copy(STYLE, folder.resolve("site.css"));
  }

  private void copy(Path file, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(home.resolve(file), to, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The pages that were read, for tests. */
  List<Path> pages() {
    return List.copyOf(pages.keySet());
  }
}
