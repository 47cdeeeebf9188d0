package dev.krongauss.bench.analyse;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import dev.krongauss.bench.page.Drawing;
import dev.krongauss.bench.page.Html;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The page as it grows, and the files beside it. */
final class Sheet {
  static final String PAGE = "index.html";

  private final Path folder;
  private final Drawing drawing = new Drawing("bench/analyse");
  private final StringBuilder body = new StringBuilder();

  Sheet(Path folder) {
    this.folder = folder;
  }

  void heading(String text) {
    body.append("<h2>").append(Html.escaped(text)).append("</h2>\n");
  }

  void text(String text, Object... values) {
    String filled = String.format(Locale.ROOT, text, values);
    body.append("<p>").append(Html.escaped(filled)).append("</p>\n");
  }

  /** A table on the page. */
  void table(List<String> headings, List<List<String>> rows) {
    body.append(Html.table(headings, rows));
  }

  /** The same as a file, which the page links to. */
  void csv(String name, List<String> headings, List<List<String>> rows) throws IOException {
    try (CsvWriter csv =
        CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(folder.resolve(name))) {
      csv.writeRecord(headings);
      rows.forEach(csv::writeRecord);
    }
    body.append("<p>All numbers: <a href=\"%1$s\">%1$s</a>.</p>\n".formatted(name));
  }

  /** A picture on the page, and as a file; a word in its place where Java cannot draw. */
  void picture(String name, Drawing.Work<String> picture) throws IOException {
    Optional<String> svg = drawing.draw(picture);
    if (svg.isEmpty()) {
      text("Without its picture: %s.", drawing.obstacle().orElseThrow());
      return;
    }
    Files.writeString(folder.resolve(name), svg.get());
    body.append("<figure>").append(Html.scalable(svg.get())).append("</figure>\n");
  }

  /** Writes the page as it stands. */
  void write(String title, String command, String where) throws IOException {
    String head = "<h1>" + Html.escaped(title) + "</h1>\n";
    String foot =
        "<p>The command that made this page:</p>\n<pre>%s</pre>\n<footer>%s</footer>\n"
            .formatted(Html.escaped(command), Html.escaped(where));
    Files.writeString(folder.resolve(PAGE), Html.page(title, head + body + foot));
  }

  /** A number with four significant digits. */
  static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }
}
