package dev.krongauss.bench.kit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.bench.process.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session's account of time and its result files; its parts are the test's. */
final class SessionTest {
  /** Says what a worker says of three items, and spins in the second one for ever. */
  private static final String SPINS =
      """
      say() { echo "@@ {\\"event\\":$1}"; }
      say '"total","count":3,"groups":["a","b","c"]'
      say '"facts","device":"none"'
      for i in $(seq $2 2); do
        say "\\"start\\",\\"index\\":$i,\\"group\\":\\"g\\",\\"name\\":\\"item $i\\""
        while [ $i = 1 ]; do :; done
        say "\\"done\\",\\"index\\":$i,\\"group\\":\\"g\\",\\"name\\":\\"item $i\\",\\"seconds\\":1,\\"results\\":[]"
      done
      """;

  @TempDir private Path folder;
  private final List<String> ran = new ArrayList<>();

  @Test
  void aSpinningItemIsKilledAndTheRestStillRuns() throws IOException {
    long begin = System.nanoTime();
    boolean good =
        session(
                30,
                part("first", s -> Outcome.of(true)),
                part("spins", s -> spin(s, 2)),
                part("last", s -> Outcome.of(true)))
            .run(0);
    assertThat(good).as("a hang is a failure").isFalse();
    assertThat((System.nanoTime() - begin) / 1e9).isLessThan(25);
    assertThat(ran).containsExactly("first", "spins", "last");
    Map<String, Object> tests = result("tests");
    assertThat(tests.get("rows").toString())
        .contains("item 1: CRASHED: no answer within 2 s")
        .contains("name=g");
    List<Map<String, Object>> rows = rows();
    assertThat((double) rows.get(1).get("usedSeconds")).isBetween(2.0, 20.0);
    assertThat(rows.get(1)).containsEntry("failed", true).containsEntry("outcome", "FAILED");
    assertThat(rows.get(2)).containsEntry("outcome", "done");
    assertThat((double) rows.get(2).get("grantedSeconds"))
        .as("all that is left")
        .isGreaterThan(30 - 8 - 20.0);
    assertThat(result("session")).containsEntry("complete", true);
  }

  /** Also one that spins when its part's time ends. */
  @Test
  void aPartEndsWithItsShareAndSaysWhatItLeftOut() throws IOException {
    long begin = System.nanoTime();
    session(20, part("spins", s -> spin(3, 60)), part("last", s -> Outcome.of(true))).run(0);
    assertThat((System.nanoTime() - begin) / 1e9).isLessThan(18);
    assertThat(ran).containsExactly("spins", "last");
    Map<String, Object> row = rows().get(0);
    assertThat(row.get("outcome").toString())
        .startsWith(
            "cut short: the time was over after 1 of 3 items, within item 1, which had run");
    assertThat(row.get("leftOut")).isEqualTo(List.of("b", "c"));
    assertThat(result("tests")).containsEntry("complete", false);
    assertThat(table()).contains("left out, no time: b, c");
  }

  @Test
  void resultsAreWholeAfterEveryPart() throws IOException {
    List<Object> complete = new ArrayList<>();
    Session.Body look =
        s -> {
          complete.add(result("session").get("complete"));
          return Outcome.of(true);
        };
    session(30, part("a", look), part("b", look), part("c", look)).run(0);
    assertThat(complete).containsExactly(false, false, false);
    assertThat(result("session")).containsEntry("complete", true);
    assertThat(rows()).hasSize(3);
    assertThat(table()).contains("==== session", "a ", "b ", "c ", "complete");
  }

  @Test
  void whatThereIsNoTimeForIsSaidByName() throws IOException {
    boolean good =
        session(
                10,
                part("short", s -> Outcome.of(true)),
                Session.Part.of("long", 10, 50, s -> Outcome.of(false)))
            .run(0);
    assertThat(good).as("no time is no failure").isTrue();
    assertThat(ran).containsExactly("short");
    assertThat(table()).contains("long ").contains("SKIPPED: no time: it needs 50 s");
  }

  @Test
  void withoutADeviceTheRestIsSkippedAndTheSessionHasFailed() throws IOException {
    boolean good =
        session(
                30,
                Session.Part.needed("device", 1, 0, s -> Outcome.broken("no GPU")),
                part("tests", s -> Outcome.of(true)))
            .run(0);
    assertThat(good).isFalse();
    assertThat(ran).isEmpty();
    assertThat(table()).contains("FAILED: no GPU", "SKIPPED: it needs the device");
  }

  @Test
  void aPartThatThrowsIsAResult() throws IOException {
    boolean good =
        session(
                30,
                part(
                    "throws",
                    s -> {
                      throw new IOException("disk full");
                    }),
                part("last", s -> Outcome.of(true)))
            .run(0);
    assertThat(good).isFalse();
    assertThat(ran).containsExactly("throws", "last");
    assertThat(rows().get(0).get("outcome").toString()).contains("disk full");
  }

  @Test
  void resultFilesOfEarlierSessionsAreGone() throws IOException {
    Path results = Files.createDirectories(folder.resolve("results"));
    for (String each : Session.FILES) {
      Files.writeString(results.resolve(each + ".json"), "{}");
    }
    Files.writeString(results.resolve("mine.txt"), "stays");
    session(30, part("a", s -> Outcome.of(true))).run(0);
    try (Stream<Path> files = Files.list(results)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("session.json", "table.txt", "mine.txt");
    }
    assertThat(Session.FILES.size() + 1).as("with table.txt").isLessThanOrEqualTo(8);
  }

  private Session.Part part(String name, Session.Body body) {
    return Session.Part.of(
        name,
        10,
        0,
        s -> {
          ran.add(name);
          return body.run(s);
        });
  }

  /** The stage tests with the spinning worker. */
  private Outcome spin(double seconds, long itemSeconds) throws IOException {
    Path worker = Files.writeString(folder.resolve("worker"), SPINS);
    Report report = new Report(settings(seconds), "tests");
    Groups groups = new Groups(report.rows());
    WorkerRun run =
        new WorkerRun(
            new Child.Builder(folder.resolve("log"), List.of("bash", worker.toString())),
            Items.Mode.TESTS,
            false,
            "",
            itemSeconds,
            Deadline.in(seconds),
            new Counting(report, groups, "", null, false));
    var early = run.run();
    Outcome outcome = run.outcome(early, groups.bad() == 0);
    report.end(outcome, groups.table());
    return outcome;
  }

  private Session session(double limit, Session.Part... parts) throws IOException {
    return new Session(settings(limit), List.of(parts));
  }

  private KitSettings settings(double limit) {
    return new KitSettings(
        folder,
        folder.resolve("results"),
        folder.resolve("work"),
        "software",
        "",
        limit,
        null,
        true,
        "run");
  }

  private Map<String, Object> result(String stage) throws IOException {
    return JSON.std.mapFrom(Files.readString(folder.resolve("results/" + stage + ".json")));
  }

  @SuppressWarnings("unchecked")
  private List<Map<String, Object>> rows() throws IOException {
    return (List<Map<String, Object>>) result("session").get("rows");
  }

  private String table() throws IOException {
    return Files.readString(folder.resolve("results/table.txt"));
  }
}
