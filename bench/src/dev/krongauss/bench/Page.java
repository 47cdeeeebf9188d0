package dev.krongauss.bench;

import static dev.krongauss.bench.Html.escaped;
import static dev.krongauss.bench.Html.scalable;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** The run as one HTML page that needs no other file: its pictures and its table are in it. */
final class Page {
  private static final String BODY =
      """
      <h1>%1$s</h1>
      <p>%2$s</p>
      %3$s
      <p>%4$s.</p>
      %5$s
      <p>The command that made this page:</p>
      <pre>%6$s</pre>
      <footer>%7$s. Every option, version and seed: <a href="config.json">config.json</a>; every
      update: <a href="metrics.csv">metrics.csv</a>. Seconds are seconds of training: fetching
      batches, steps, and waiting for their reports, the first step's warm-up included.</footer>
      """;

  private Page() {}

  /**
   * Writes the page.
   *
   * @param title of page and pictures
   * @param description network, batch size, loss
   * @param command as typed
   * @param where device and time
   */
  static void write(
      RunFolder folder,
      String title,
      String description,
      String command,
      String where,
      List<Curve> curves)
      throws IOException {
    Files.writeString(
        folder.file(RunFolder.PAGE),
        Html.page(
            title,
            BODY.formatted(
                escaped(title),
                escaped(description),
                table(curves),
                escaped(SummaryTable.explanation()),
                figures(title, curves),
                escaped(command),
                escaped(where))));
  }

  private static String table(List<Curve> curves) {
    StringBuilder html = new StringBuilder("<table>\n<tr>");
    SummaryTable.HEADINGS.forEach(h -> html.append("<th>").append(escaped(h)).append("</th>"));
    html.append("</tr>\n");
    for (Curve curve : curves) {
      html.append("<tr>");
      SummaryTable.cells(curve)
          .forEach(cell -> html.append("<td>").append(escaped(cell)).append("</td>"));
      html.append("</tr>\n");
    }
    html.append("</table>\n");
    for (Curve curve : curves) {
      if (curve.failure() != null) {
        html.append(
            "<p class=\"failure\">%s stopped %s</p>\n"
                .formatted(curve.kind(), escaped(curve.failure())));
      }
    }
    return html.toString();
  }

  private static String figures(String title, List<Curve> curves) throws IOException {
    StringBuilder html = new StringBuilder();
    for (Picture picture : Picture.values()) {
      picture
          .svg(title, curves)
          .ifPresent(svg -> html.append("<figure>").append(scalable(svg)).append("</figure>\n"));
    }
    return html.toString();
  }
}
