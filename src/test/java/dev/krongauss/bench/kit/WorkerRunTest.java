package dev.krongauss.bench.kit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.bench.process.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a stage keeps when its workers crash, hang or are cut off: workers here are shell scripts.
 */
final class WorkerRunTest {
  private static final String SAY = "say() { echo \"@@ {\\\"event\\\":$1}\"; }\nfrom=$2\n";
  private static final String ITEM =
      """
      item() {
        say "\\"start\\",\\"index\\":$1,\\"group\\":\\"g\\",\\"name\\":\\"item $1\\""
      }
      done_() {
        say "\\"done\\",\\"index\\":$1,\\"group\\":\\"g\\",\\"name\\":\\"item $1\\",\\"seconds\\":1"
      }
      say '"total","count":4'
      say '"facts","device":"none"'
      """;

  @TempDir private Path folder;
  private final List<String> log = new ArrayList<>();

  @Test
  void allItems() throws IOException {
    assertThat(run("for i in $(seq $from 3); do item $i; done_ $i; done", 10, 60)).isEmpty();
    assertThat(log).containsExactly("facts", "item 0", "item 1", "item 2", "item 3");
  }

  @Test
  void aCrashCostsOneItem() throws IOException {
    String script =
        "for i in $(seq $from 3); do item $i; [ $i = 1 ] && { echo bang >&2; exit 139; }; done_ $i;"
            + " done";
    assertThat(run(script, 10, 60)).isEmpty();
    assertThat(log).containsExactly("facts", "item 0", "crash item 1", "facts", "item 2", "item 3");
  }

  @Test
  void aHangCostsOneItem() throws IOException {
    String script = "for i in $(seq $from 3); do item $i; [ $i = 2 ] && sleep 60; done_ $i; done";
    assertThat(run(script, 1, 60)).isEmpty();
    assertThat(log).containsExactly("facts", "item 0", "item 1", "crash item 2", "facts", "item 3");
  }

  @Test
  void theStagesEndIsSaidAndIsNoCrash() throws IOException {
    String script = "item 0; done_ 0; item 1; sleep 60; done_ 1";
    assertThat(run(script, 60, 2).orElse(""))
        .startsWith("the time was over after 1 of 4 items, within item 1, which had run ");
    assertThat(log).containsExactly("facts", "item 0");
  }

  @Test
  void allThatWasToBeDoneIsWholeThoughTheTimeIsOver() throws IOException {
    String script = "for i in 0 1 2 3; do item $i; done_ $i; done; sleep 60";
    assertThat(run(script, 60, 2)).isEmpty();
    assertThat(log).containsExactly("facts", "item 0", "item 1", "item 2", "item 3");
  }

  @Test
  void aWorkerThatDoesNotStartIsSaid() throws IOException {
    Path file = Files.writeString(folder.resolve("worker"), "echo no device >&2; exit 1\n");
    assertThat(run(file, 10, 60).orElse(""))
        .contains("did not come to its first item", "status 1", "no device");
    assertThat(log).isEmpty();
  }

  @Test
  void aSelectionOfNothingIsSaid() throws IOException {
    Path file = Files.writeString(folder.resolve("worker"), SAY + "say '\"total\",\"count\":0'\n");
    assertThat(run(file, 10, 60).orElse("")).isEqualTo("no name begins with gramm or cholski");
  }

  private Optional<String> run(String script, long itemSeconds, double seconds) throws IOException {
    return run(
        Files.writeString(folder.resolve("worker"), SAY + ITEM + script + "\n"),
        itemSeconds,
        seconds);
  }

  private Optional<String> run(Path script, long itemSeconds, double seconds) throws IOException {
    WorkerRun.Observer observer =
        new WorkerRun.Observer() {
          @Override
          public void facts(Map<String, Object> facts) {
            log.add("facts");
          }

          @Override
          public void done(Map<String, Object> result) {
            log.add(result.get("name").toString());
          }

          @Override
          public void crashed(String group, String name, String reason) {
            log.add("crash " + name);
          }
        };
    return new WorkerRun(
            new Child.Builder(folder.resolve("log"), List.of("bash", script.toString())),
            Items.Mode.TESTS,
            false,
            "gramm,cholski",
            itemSeconds,
            Deadline.in(seconds),
            observer)
        .run();
  }
}
