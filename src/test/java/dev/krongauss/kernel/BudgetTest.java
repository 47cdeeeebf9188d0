package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.testing.Nvcc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernels need and move what {@code kernels/BUDGET.md} says; after a change, look and accept.
 */
final class BudgetTest {
  private static final List<String> COLUMNS = List.of("case", "size", "moved");

  @TempDir private Path folder;

  @Test
  void registersAreThoseOfTheBudget() throws Exception {
    Budget budget = new Budget(Path.of(""));
    String reason = budget.withoutRegisters();
    Nvcc.assume(reason.isEmpty(), reason);
    assertThat(budget.registerDifferences()).as(Budget.ACCEPT).isEmpty();
  }

  /** In a JVM of its own: counting wants a SoftCUDA that checks nothing. */
  @Test
  void countersAreThoseOfTheBudget() throws Exception {
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                Budget.class.getName(),
                "--check-counters")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(process.waitFor()).as(() -> read(log)).isZero();
  }

  @Test
  void differencesAreNamed() {
    BudgetTable budget = table(0.03, "a|{n=1}|1.00", "b|{n=2}|2.00", "gone|{n=1}|-");
    BudgetTable now = table(0.03, "a|{n=1}|1.02", "b|{n=3}|2.50", "new|{n=1}|-");
    assertThat(budget.differences(now))
        .containsExactly(
            "b: size {n=2} -> {n=3}, moved 2.00 -> 2.50",
            "gone: is gone",
            "new: is new, {n=1} | -");
    assertThat(table(0, "a|{n=1}|1.00").differences(table(0, "a|{n=1}|1.02"))).hasSize(1);
  }

  @Test
  void aPageGivesItsTableBack() {
    BudgetTable table = table(0, "a|{n=1}|1.00", "b|{n=2}|-");
    String page = "# Page\n\n" + table.markdown() + "\ntext\n\n## Other\n\n| c | {n=1} | 3 |\n";
    assertThat(table.in(page)).isEqualTo(table);
    assertThat(table.in("# Page\n").rows()).isEmpty();
  }

  private static BudgetTable table(double tolerance, String... rows) {
    BudgetTable table = new BudgetTable("Table", COLUMNS, 1, tolerance);
    for (String row : rows) {
      table.add(List.of(row.split("\\|")));
    }
    return table;
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (java.io.IOException e) {
      return "no output: " + e;
    }
  }
}
