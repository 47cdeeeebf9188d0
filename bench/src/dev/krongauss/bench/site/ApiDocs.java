package dev.krongauss.bench.site;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;

/** The Javadoc of the library, by the JDK's own tool, in the colours of the site. */
final class ApiDocs {
  private ApiDocs() {}

  /**
   * Writes it.
   *
   * @param home the project's folder
   * @param folder where to
   * @throws SiteException if there is no tool, or it finds a fault; the message has what it says
   */
  static void write(Path home, Path folder) throws IOException {
    ToolProvider javadoc =
        ToolProvider.findFirst("javadoc")
            .orElseThrow(
                () ->
                    new SiteException(
                        "this Java has no javadoc tool; run bench/site with a JDK, or leave the"
                            + " Javadoc out with --no-javadoc"));
    Files.createDirectories(folder);
    StringWriter said = new StringWriter();
    PrintWriter writer = new PrintWriter(said);
    List<String> arguments =
        List.of(
            "-quiet",
            "-Xdoclint:all,-missing",
            "-notimestamp",
            "-encoding",
            "UTF-8",
            "-docencoding",
            "UTF-8",
            "-windowtitle",
            "Krongauss API",
            "-doctitle",
            "Krongauss",
            "-header",
            "<a href=\"{@docRoot}/../index.html\">Krongauss</a>",
            "--add-stylesheet",
            home.resolve("src/site/apidocs.css").toString(),
            "-classpath",
            System.getProperty("java.class.path"),
            "-sourcepath",
            home.resolve("src/main/java").toString(),
            "-subpackages",
            "dev.krongauss",
            "-d",
            folder.toString());
    if (javadoc.run(writer, writer, arguments.toArray(String[]::new)) != 0) {
      throw new SiteException("javadoc: %s", said);
    }
  }
}
