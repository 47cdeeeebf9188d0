package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Claim;
import dev.krongauss.bench.page.Page;
import dev.krongauss.bench.run.Conditions;
import dev.krongauss.bench.run.Results;
import dev.krongauss.bench.run.SummaryTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the page of a comparison shows of its results: table, claims, grid, in words. */
final class ComparisonPage {
  private ComparisonPage() {}

  /**
   * The page of what there is so far.
   *
   * @param command as typed
   * @param where device and day
   */
  static Page of(Results results, String command, String where) {
    List<Claim> claims = results.curves().isEmpty() ? List.of() : Claims.of(results);
    return new Page(
        results.title(),
        description(results.conditions()),
        new Page.Table(
            SummaryTable.headings(results.curves()), SummaryTable.rows(results.curves())),
        SummaryTable.explanation(results.curves()),
        SummaryTable.failures(results.curves()),
        claims,
        results.curves(),
        results.costs(),
        tuning(results),
        results.peers(),
        command,
        where);
  }

  private static String description(Conditions c) {
    return String.format(
        Locale.ROOT,
        "%s, linear output, %,d parameters; %s; seed %d%s.",
        capital(c.network().activation().toString()),
        c.network().parameters(),
        c.lossName(),
        c.seed(),
        c.seeds() == 1 ? "" : " to " + (c.seed() + c.seeds() - 1));
  }

  private static String capital(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }

  /** Null without a grid. */
  private static Page.Tuning tuning(Results results) {
    if (results.grid().isEmpty()) {
      return null;
    }
    Conditions c = results.conditions();
    Map<String, Page.Table> tables = new LinkedHashMap<>();
    Grid.tables(results.grid())
        .forEach(
            (kind, rows) -> tables.put(kind.toString(), new Page.Table(Grid.TABLE_HEADINGS, rows)));
    return new Page.Tuning(
        String.format(
            Locale.ROOT,
            "Learning rates 2^-6 to 2^-13, halved every 100, 50, 25, 12.5 or 6.25 %% of %,d"
                + " updates; at scale %s, seed %d. Objectives are means of the last ten updates.",
            c.gridUpdates(),
            c.gridScale(),
            c.seed()),
        Grid.sentences(results.grid()),
        tables);
  }
}
