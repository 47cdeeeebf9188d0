package dev.krongauss.bench.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.optim.Phase;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** The model of an update's time: its sums are those of {@code bench/results/model.md}. */
final class TimeModelTest {
  /** As the page has it, above the sums that this test holds. */
  private static final List<String> HELD =
      List.of(
          "--gpu",
          "h200,a100,rtx4090",
          "--method",
          "kfra,adam",
          "--sizes",
          "96,64,12,64,96",
          "--batch",
          "128",
          "--totals");

  private static final double TOLERANCE = 0.03;
  private static final int FIRST_NUMBER = 2;
  private static final int NUMBERS = 7;

  @TempDir private Path folder;

  /** In a JVM of its own: counting wants a SoftCUDA that checks nothing, with one worker. */
  @Test
  void sumsAreThoseOfThePage() throws Exception {
    Path log = folder.resolve("log");
    List<String> command = command();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor()).as(() -> read(log)).isZero();
    String page = Files.readString(Path.of("bench/results/model.md"));
    String line = "bench/model " + String.join(" ", HELD);
    assertThat(page).contains(line);
    Map<String, List<String>> held = sums(page.substring(page.indexOf(line)));
    Map<String, List<String>> now = sums(read(log));
    assertThat(now.keySet()).isNotEmpty().isEqualTo(held.keySet());
    now.forEach((name, cells) -> compare(name, held.get(name), cells));
  }

  private static void compare(String name, List<String> held, List<String> now) {
    for (int k = FIRST_NUMBER; k < FIRST_NUMBER + NUMBERS; k++) {
      double wanted = Double.parseDouble(held.get(k));
      assertThat(Double.parseDouble(now.get(k)))
          .as("%s, column %d: write the page anew with the commands it gives", name, k)
          .isCloseTo(wanted, within(TOLERANCE * Math.max(wanted, 0.001)));
    }
  }

  private static List<String> command() {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                TimeModel.class.getName()));
    command.addAll(HELD);
    return command;
  }

  /** The first table of sums in a text. */
  private static Map<String, List<String>> sums(String text) {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    text.substring(text.indexOf("| GPU, method |"))
        .lines()
        .takeWhile(line -> line.startsWith("|"))
        .skip(2)
        .map(line -> Arrays.asList(line.split(" *\\| *")))
        .forEach(cells -> rows.put(cells.get(1), cells));
    return rows;
  }

  /** The formula of a multiprocessor gives what ptxas's numbers give, for every kernel. */
  @Test
  void residentBlocksAreThoseOfTheBudget() throws IOException {
    Map<String, KernelBudget.Needs> needs = KernelBudget.read(Path.of("kernels/BUDGET.md")).needs();
    assertThat(needs).hasSizeGreaterThan(100);
    needs.forEach(
        (kernel, n) -> {
          ModelledGpu gpu = kernel.endsWith("sm_90") ? ModelledGpu.H100 : ModelledGpu.A100;
          assertThat(gpu.resident(n.threads(), n.registers(), n.sharedBytes()))
              .as(kernel)
              .isEqualTo(n.resident());
        });
  }

  @Test
  void aBatchThatIsTooLargeIsSaid() {
    StringWriter err = new StringWriter();
    int status =
        TimeModel.commandLine()
            .setErr(new PrintWriter(err, true))
            .execute("--sizes=20,10,20", "--batch=2000000000");
    assertThat(status).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("--batch 2,000,000,000 of 20 inputs: 268,435,456 values");
  }

  @Test
  void aChipWithFewerThreadsHoldsFewerBlocks() {
    assertThat(ModelledGpu.A100.resident(256, 32, 0)).isEqualTo(8);
    assertThat(ModelledGpu.RTX4090.resident(256, 32, 0)).isEqualTo(6);
    assertThat(ModelledGpu.RTX4090.resident(1, 16, 0)).isEqualTo(24);
    assertThat(ModelledGpu.RTX4090.resident(128, 32, 48 * 1024)).isEqualTo(2);
  }

  @Test
  void aKernelWithoutARowIsNamed() throws IOException {
    KernelBudget budget = KernelBudget.read(Path.of("kernels/BUDGET.md"));
    assertThatThrownBy(() -> budget.resident("no_kernel", 256, ModelledGpu.H100))
        .hasMessageContaining("no_kernel")
        .hasMessageContaining("kernels/budget");
    Path empty = Files.writeString(folder.resolve("empty.md"), "# nothing\n");
    assertThatThrownBy(() -> KernelBudget.read(empty)).hasMessageContaining("kernels/budget");
  }

  /** Two waves of blocks whose chain is 1,980 clocks take twice that at 1.98 GHz. */
  @Test
  void theSlowestLimitIsTheTime() throws IOException {
    KernelBudget budget = KernelBudget.read(Path.of("kernels/BUDGET.md"));
    Map<String, String> line = line("gradient_f32__tf32x3_128", 196);
    line.put("longest_clocks", "1980");
    line.put("matrix_us", "1.5");
    Node node = Node.of(Phase.BACKWARD, line, budget, ModelledGpu.H100);
    assertThat(node.waves()).isEqualTo(2);
    assertThat(node.limit()).isEqualTo("chain");
    assertThat(node.work()).isCloseTo(2, within(1e-9));
    assertThat(node.microseconds()).isCloseTo(3.25, within(1e-9));
    line.put("matrix_us", "2.5");
    assertThat(Node.of(Phase.BACKWARD, line, budget, ModelledGpu.H100).limit()).isEqualTo("matrix");
  }

  @ParameterizedTest
  @EnumSource(
      value = ModelledGpu.class,
      names = {"A100", "RTX4090"})
  void countsForAnotherGpuAreRefused(ModelledGpu other) throws IOException {
    KernelBudget budget = KernelBudget.read(Path.of("kernels/BUDGET.md"));
    assertThatThrownBy(() -> Node.of(Phase.LOSS, line("reduce_sum_f32", 1), budget, other))
        .hasMessageContaining("h100")
        .hasMessageContaining(other.option());
  }

  private static Map<String, String> line(String kernel, int blocks) {
    Map<String, String> line = new LinkedHashMap<>();
    line.put("kernel", kernel);
    line.put("gpu", "h100");
    line.put("blocks", Integer.toString(blocks));
    line.put("threads_of_block", "256");
    line.put("multiprocessors", "132");
    line.put("clock_hz", "1980000000");
    line.put("node_us", "1.25");
    line.put("longest_clocks", "0");
    for (String limit :
        List.of("issue", "fp32", "fp64", "integer", "special", "matrix", "shared", "L2", "DRAM")) {
      line.put(limit + "_us", "0");
    }
    return line;
  }

  @Test
  void theMeanIsOfAPlainUpdateWithItsShares() throws IOException {
    KernelBudget budget = KernelBudget.read(Path.of("kernels/BUDGET.md"));
    Map<String, String> line = line("reduce_sum_f32", 1);
    line.put("longest_clocks", "1980000"); // a millisecond
    line.put("node_us", "0");
    List<Node> nodes =
        List.of(Phase.FORWARD, Phase.FACTORS, Phase.FACTORISE, Phase.REDUCTION).stream()
            .map(phase -> Node.of(phase, line, budget, ModelledGpu.H100))
            .toList();
    Totals totals = Totals.of(nodes, Set.of());
    assertThat(totals.nodes()).isEqualTo(1);
    assertThat(totals.plain()).isCloseTo(1, within(1e-9));
    assertThat(totals.refresh()).isCloseTo(2, within(1e-9));
    assertThat(totals.onPath()).isCloseTo(2, within(1e-9));
    assertThat(totals.reduction()).isCloseTo(1, within(1e-9));
    assertThat(totals.mean()).isCloseTo(1.5, within(1e-9));
    assertThat(totals.limits()).isEqualTo("chain 100 %");
  }

  /** The branches' own times, the limit that both share, and the room on the multiprocessors. */
  @Test
  void aRefreshBesideOtherPhasesIsLessOnThePath() throws IOException {
    KernelBudget budget = KernelBudget.read(Path.of("kernels/BUDGET.md"));
    Map<String, String> line = line("reduce_sum_f32", 1);
    line.put("node_us", "0");
    line.put("longest_clocks", "1980"); // a microsecond
    Node backward = Node.of(Phase.BACKWARD, line, budget, ModelledGpu.H100);
    line.put("longest_clocks", "5940");
    Node factors = Node.of(Phase.FACTORS, line, budget, ModelledGpu.H100);
    assertThat(onPath(Set.of(), backward, factors)).isCloseTo(3, within(1e-6));
    assertThat(onPath(Set.of(Phase.BACKWARD), backward, factors)).isCloseTo(2, within(1e-6));
    assertThat(onPath(Set.of(Phase.BACKWARD), backward, backward, backward, backward, factors))
        .isCloseTo(0, within(1e-6));
    line.put("shared_us", "2.5");
    Node shares = Node.of(Phase.FACTORS, line, budget, ModelledGpu.H100);
    line.put("longest_clocks", "1980");
    Node sharing = Node.of(Phase.BACKWARD, line, budget, ModelledGpu.H100);
    assertThat(onPath(Set.of(Phase.BACKWARD), sharing, shares)).isCloseTo(2.5, within(1e-6));
    line.put("shared_us", "0");
    line.put("blocks", Integer.toString(132 * backward.resident()));
    Node full = Node.of(Phase.BACKWARD, line, budget, ModelledGpu.H100);
    Node fills = Node.of(Phase.FACTORISE, line, budget, ModelledGpu.H100);
    assertThat(onPath(Set.of(Phase.BACKWARD), full, fills)).isCloseTo(1, within(1e-6));
  }

  /** Microseconds. */
  private static double onPath(Set<Phase> beside, Node... nodes) {
    return 1e3 * Totals.of(List.of(nodes), beside).onPath();
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "no output: " + e;
    }
  }
}
