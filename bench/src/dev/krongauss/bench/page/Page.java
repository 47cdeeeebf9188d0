package dev.krongauss.bench.page;

import static dev.krongauss.bench.page.Html.escaped;
import static dev.krongauss.bench.page.Html.scalable;

import dev.krongauss.bench.peers.PeerResult;
import dev.krongauss.bench.update.UpdateCost;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A comparison as one HTML page that needs no other file: pictures and tables are in it. All texts
 * are plain.
 *
 * @param description network, loss, seeds
 * @param summary a row an optimiser
 * @param explanation what the summary's columns mean
 * @param failures a sentence for every run that could not go on
 * @param claims what the run says of each sentence; none before the first run has ended
 * @param curves what the pictures show
 * @param costs of an update of each method; empty where they were not measured
 * @param tuning null without one
 * @param peers what ran in other frameworks
 * @param command as typed
 * @param where device and day
 */
public record Page(
    String title,
    String description,
    Table summary,
    String explanation,
    List<String> failures,
    List<Claim> claims,
    List<Curve> curves,
    List<UpdateCost> costs,
    Tuning tuning,
    List<PeerResult> peers,
    String command,
    String where) {
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
      update: <a href="metrics.csv">metrics.csv</a>; every evaluation on held-out rows: <a
      href="evaluation.csv">evaluation.csv</a>. Seconds are seconds of training: fetching
      batches, steps, and waiting for their reports, the first step's warm-up included.</footer>
      """;

  /** Cells as text. */
  public record Table(List<String> headings, List<List<String>> rows) {
    private String html() {
      return Html.table(headings, rows);
    }
  }

  /**
   * How the first-order methods were tuned.
   *
   * @param description the settings tried
   * @param sentences what came out, one a method
   * @param tables all settings, by method
   */
  public record Tuning(String description, List<String> sentences, Map<String, Table> tables) {}

  /**
   * The page as HTML.
   *
   * @param drawing draws the pictures, or says why not
   * @throws IOException if a picture cannot be made
   */
  public String html(Drawing drawing) throws IOException {
    String body =
        BODY.formatted(
            escaped(title),
            escaped(description),
            summary.html() + failureLines(),
            escaped(explanation),
            marks(),
            claimList(),
            figures(drawing),
            costTable(),
            tuningTables(),
            escaped(command),
            peerLines(),
            escaped(where));
    return Html.page(title, body);
  }

  private String failureLines() {
    StringBuilder html = new StringBuilder();
    for (String failure : failures) {
      html.append("<p class=\"failure\">%s</p>\n".formatted(escaped(failure)));
    }
    return html.toString();
  }

  /** What dashes and dots in the pictures are. */
  private String marks() {
    String text = "";
    if (curves.stream().anyMatch(c -> c.bestHeldOut().isPresent())) {
      text +=
          " Dashed: the objective on held-out rows, of the averaged weights where they are better"
              + " than the last ones.";
    }
    if (curves.stream().anyMatch(c -> Palette.dotted(c.label()))) {
      text += " With dots: curvature of the last refresh alone, no moving average.";
    }
    return text;
  }

  private String claimList() {
    if (claims.isEmpty()) {
      return "";
    }
    StringBuilder html = new StringBuilder("<h2>What this run says</h2>\n<ul class=\"claims\">\n");
    for (Claim claim : claims) {
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

  private String figures(Drawing drawing) throws IOException {
    return drawing
        .draw(this::figures)
        .orElseGet(
            () ->
                "<p>Without pictures: %s.</p>\n"
                    .formatted(escaped(drawing.obstacle().orElseThrow())));
  }

  private String figures() throws IOException {
    StringBuilder html = new StringBuilder();
    for (Picture picture : Picture.values()) {
      picture
          .svg(title, curves)
          .ifPresent(svg -> html.append("<figure>").append(scalable(svg)).append("</figure>\n"));
    }
    return html.toString();
  }

  private String costTable() {
    if (costs.isEmpty()) {
      return "";
    }
    List<List<String>> rows = UpdateCost.rows(costs);
    return "<h2>What an update costs</h2>\n"
        + Html.table(rows.get(0), rows.subList(1, rows.size()))
        + "<p>Phases are measured one at a time, the device waited for before and after each, and"
        + " shared out over all updates; the whole update is as in training. In brackets the"
        + " processor cores that were busy. Memory is network and optimiser.</p>\n";
  }

  private String tuningTables() {
    if (tuning == null) {
      return "";
    }
    StringBuilder html = new StringBuilder("<h2>The grid of the first-order methods</h2>\n");
    html.append("<p>%s</p>\n".formatted(escaped(tuning.description)));
    tuning.sentences.forEach(s -> html.append("<p>%s.</p>\n".formatted(escaped(s))));
    tuning.tables.forEach(
        (method, table) ->
            html.append(
                "<details><summary>%s, all settings</summary>%s</details>\n"
                    .formatted(escaped(method), table.html())));
    return html.toString();
  }

  private String peerLines() {
    StringBuilder html = new StringBuilder();
    for (PeerResult peer : peers) {
      html.append(
          "<p>%s: Python %s, torch %s%s, %s, %s threads, %s.%s</p>\n"
              .formatted(
                  peer.name(),
                  fact(peer, "python"),
                  fact(peer, "torch"),
                  libraries(peer),
                  fact(peer, "openblas"),
                  fact(peer, "threads"),
                  fact(peer, "cpuCapability"),
                  peer.warning() == null ? "" : " " + escaped(peer.warning())));
    }
    return html.toString();
  }

  /** What a peer has beside torch. */
  private static String libraries(PeerResult peer) {
    return switch (peer.kind()) {
      case BACKPACK_KFRA -> ", BackPACK " + fact(peer, "backpack");
      case KFAC_JAX -> ", jax " + fact(peer, "jax") + ", kfac_jax " + fact(peer, "kfacJax");
      default -> "";
    };
  }

  private static String fact(PeerResult peer, String key) {
    Object value = peer.facts().get(key);
    return value == null ? "-" : escaped(value.toString());
  }
}
