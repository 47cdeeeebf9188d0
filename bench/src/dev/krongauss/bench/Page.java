package dev.krongauss.bench;

import static dev.krongauss.bench.Html.escaped;
import static dev.krongauss.bench.Html.scalable;

import dev.krongauss.bench.peers.PeerResult;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A comparison as one HTML page that needs no other file: pictures and tables are in it. */
final class Page {
  private static final String BODY =
      """
      <h1>%1$s</h1>
      <p>%2$s</p>
      %3$s
      <p>%4$s.%5$s</p>
      %6$s
      %7$s
      %8$s
      %9$s
      <h2>How it was made</h2>
      <pre>%10$s</pre>
      %11$s
      <footer>%12$s. Every option, version and seed: <a href="config.json">config.json</a>; every
      update: <a href="metrics.csv">metrics.csv</a>. Seconds are seconds of training: fetching
      batches, steps, and waiting for their reports, the first step's warm-up included.</footer>
      """;

  private Page() {}

  /**
   * Writes the page.
   *
   * @param drawing draws the pictures, or says why not
   * @param description network, loss, seeds
   * @param command as typed
   * @param where device and time
   */
  static void write(
      RunFolder folder,
      Results results,
      Drawing drawing,
      String description,
      String command,
      String where)
      throws IOException {
    List<Curve> curves = results.curves();
    String body =
        BODY.formatted(
            escaped(results.title()),
            escaped(description),
            table(SummaryTable.headings(curves), SummaryTable.rows(curves)) + failures(curves),
            escaped(SummaryTable.explanation()),
            dashes(curves),
            claims(results),
            figures(results, drawing),
            costs(results.costs()),
            grid(results),
            escaped(command),
            peers(results.peers()),
            escaped(where));
    RunFolder.replace(folder.file(RunFolder.PAGE), Html.page(results.title(), body));
  }

  private static String table(List<String> headings, List<List<String>> rows) {
    StringBuilder html = new StringBuilder("<div class=\"wide\"><table>\n<tr>");
    headings.forEach(h -> html.append("<th>").append(escaped(h)).append("</th>"));
    html.append("</tr>\n");
    for (List<String> row : rows) {
      html.append("<tr>");
      row.forEach(cell -> html.append("<td>").append(escaped(cell)).append("</td>"));
      html.append("</tr>\n");
    }
    return html.append("</table></div>\n").toString();
  }

  private static String failures(List<Curve> curves) {
    StringBuilder html = new StringBuilder();
    for (String failure : SummaryTable.failures(curves)) {
      html.append("<p class=\"failure\">%s</p>\n".formatted(escaped(failure)));
    }
    return html.toString();
  }

  private static String dashes(List<Curve> curves) {
    return curves.stream().anyMatch(c -> Palette.dashed(c.label()))
        ? " Dashed: curvature of the last refresh alone, no moving average."
        : "";
  }

  private static String claims(Results results) {
    if (results.curves().isEmpty()) {
      return "";
    }
    StringBuilder html = new StringBuilder("<h2>What this run says</h2>\n<ul class=\"claims\">\n");
    for (Claims.Claim claim : Claims.of(results)) {
      html.append(
          "<li class=\"%s\"><b>%s</b>: %s <span>(%s)</span></li>\n"
              .formatted(
                  claim.verdict().name().toLowerCase(Locale.ROOT),
                  claim.verdict(),
                  escaped(claim.sentence()),
                  escaped(claim.evidence())));
    }
    return html.append("</ul>\n").toString();
  }

  private static String figures(Results results, Drawing drawing) throws IOException {
    return drawing
        .draw(() -> figures(results))
        .orElseGet(
            () ->
                "<p>Without pictures: %s.</p>\n"
                    .formatted(escaped(drawing.obstacle().orElseThrow())));
  }

  private static String figures(Results results) throws IOException {
    StringBuilder html = new StringBuilder();
    for (Picture picture : Picture.values()) {
      picture
          .svg(results.title(), results.curves())
          .ifPresent(svg -> html.append("<figure>").append(scalable(svg)).append("</figure>\n"));
    }
    return html.toString();
  }

  private static String costs(List<UpdateCost> costs) {
    if (costs.isEmpty()) {
      return "";
    }
    List<List<String>> rows = UpdateCost.rows(costs);
    return "<h2>What an update costs</h2>\n"
        + table(rows.get(0), rows.subList(1, rows.size()))
        + "<p>Phases are measured one at a time, the device waited for before and after each, and"
        + " shared out over all updates; the whole update is as in training. In brackets the"
        + " processor cores that were busy. Memory is network and optimiser.</p>\n";
  }

  private static String peers(List<PeerResult> peers) {
    StringBuilder html = new StringBuilder();
    for (PeerResult peer : peers) {
      html.append(
          "<p>%s: Python %s, torch %s%s, %s, %s threads, %s.%s</p>\n"
              .formatted(
                  peer.name(),
                  fact(peer, "python"),
                  fact(peer, "torch"),
                  peer.kind().needsBackpack() ? ", BackPACK " + fact(peer, "backpack") : "",
                  fact(peer, "openblas"),
                  fact(peer, "threads"),
                  fact(peer, "cpuCapability"),
                  peer.warning() == null ? "" : " " + escaped(peer.warning())));
    }
    return html.toString();
  }

  private static String fact(PeerResult peer, String key) {
    return escaped(String.valueOf(peer.facts().getOrDefault(key, "-")));
  }

  private static String grid(Results results) {
    if (results.grid().isEmpty()) {
      return "";
    }
    StringBuilder html = new StringBuilder("<h2>The grid of the first-order methods</h2>\n");
    html.append(
        "<p>Learning rates 2^-6 to 2^-13, halved every 100, 50, 25, 12.5 or 6.25 %% of %,d updates;"
                .formatted(results.options().grid.updates)
            + " at scale %s, seed %d. Objectives are means of the last ten updates.</p>\n"
                .formatted(results.options().grid.scale, results.options().seed));
    Grid.sentences(results.grid()).forEach(s -> html.append("<p>%s.</p>\n".formatted(escaped(s))));
    for (Map.Entry<OptimizerKind, List<List<String>>> each :
        Grid.tables(results.grid()).entrySet()) {
      html.append(
          "<details><summary>%s, all settings</summary>%s</details>\n"
              .formatted(each.getKey(), table(Grid.TABLE_HEADINGS, each.getValue())));
    }
    return html.toString();
  }
}
