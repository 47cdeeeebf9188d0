package dev.krongauss.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * {@code kernels/BUDGET.md}: what each kernel needs of a multiprocessor, as ptxas says, and what
 * the cases move, as SoftCUDA counts. {@code kernels/budget} writes it; {@code BudgetTest} holds
 * it.
 */
final class Budget {
  /** The command that accepts what is measured now. */
  static final String ACCEPT =
      "accept the new numbers with: kernels/budget, and commit kernels/BUDGET.md";

  private static final String HEAD =
      """
# Budget of the kernels

Written by `kernels/budget`; a test holds it. Change a kernel, look at the difference, then accept it by that command.

""";
  private static final String REGISTERS_HEAD =
      """

Of ptxas, for launch bounds of so many threads; no kernel spills or uses local memory or doubles, which `kernels/build` refuses.
`PTX`: the ISA of the prebuilt text. `shared`: bytes, static or asked for. `blocks`: resident on a multiprocessor of an A100 (sm_80) or an H100
(sm_90); `occupancy`: their part of 2048 threads, in per cent.
""";
  private static final String COUNTERS_HEAD =
      """

Of SoftCUDA, each case at its largest size (`bench/count` shows more). `moved / least`: bytes of the sectors of global memory that all
launches of the case moved, beside each operand once. `load`, `store`: the part of these sectors that threads asked for. `bank`: the
part of the shared wavefronts that conflicts cost. `why`: beyond 1.25 times the least, or with a conflict.
""";

  private final Path home;

  Budget(Path home) {
    this.home = home;
  }

  /** {@code --check}, or {@code --check-counters}: fails on a difference; nothing: writes. */
  public static void main(String[] args) throws IOException {
    Budget budget = new Budget(Path.of(System.getProperty("krongauss.home", "")));
    String mode = args.length == 0 ? "" : args[0];
    if (args.length > 1 || !List.of("", "--check", "--check-counters").contains(mode)) {
      System.err.println("usage: kernels/budget [--check]");
      System.exit(2);
    }
    if (mode.isEmpty()) {
      budget.write();
      return;
    }
    List<String> lines = new ArrayList<>(budget.counterDifferences());
    if (mode.equals("--check")) {
      lines.addAll(0, budget.registerDifferences());
    }
    lines.forEach(System.out::println);
    if (!lines.isEmpty()) {
      System.out.println(ACCEPT);
      System.exit(1);
    }
  }

  /** Why the registers cannot be compared, or nothing if they can. */
  String withoutRegisters() throws IOException {
    if (!Files.exists(file())) {
      return "NO NVCC: there is no "
          + file()
          + ", registers and occupancy are not compared (native/setup installs nvcc)";
    }
    String page = page();
    String compiler = compiler();
    return page.isEmpty() || page.contains("nvcc " + compiler + ".")
        ? ""
        : "ANOTHER NVCC (" + compiler + ") than the budget's: its registers are not compared";
  }

  List<String> registerDifferences() throws IOException {
    String reason = withoutRegisters();
    if (!reason.isEmpty()) {
      System.err.println(reason);
      return List.of();
    }
    BudgetTable now = registers();
    return now.in(page()).differences(now);
  }

  List<String> counterDifferences() throws IOException {
    BudgetTable now = counters();
    return now.in(page()).differences(now);
  }

  private void write() throws IOException {
    boolean measured = Files.exists(file());
    if (!measured) {
      System.err.println(withoutRegisters() + "; those of the budget stay");
    }
    String old = page();
    BudgetTable registers = measured ? registers() : emptyRegisters().in(old);
    String source = measured ? "By nvcc " + compiler() + ".\n" : line(old, "By nvcc ");
    Files.writeString(
        home.resolve("kernels/BUDGET.md"),
        HEAD
            + registers.markdown()
            + REGISTERS_HEAD
            + source
            + "\n"
            + counters().markdown()
            + COUNTERS_HEAD);
  }

  private static String line(String page, String start) {
    return page.lines().filter(l -> l.startsWith(start)).findFirst().orElse("") + "\n";
  }

  private Path file() {
    return home.resolve("target/kernels/registers");
  }

  private String page() throws IOException {
    Path file = home.resolve("kernels/BUDGET.md");
    return Files.exists(file) ? Files.readString(file) : "";
  }

  /** The version of nvcc that built what is in target/kernels. */
  private String compiler() throws IOException {
    String start = "// compiler: nvcc ";
    try (Stream<Path> files = Files.list(file().getParent())) {
      Path ptx = files.filter(f -> f.toString().endsWith(".ptx")).findFirst().orElseThrow();
      return line(Files.readString(ptx), start).substring(start.length()).strip();
    }
  }

  static BudgetTable emptyRegisters() {
    List<String> columns = new ArrayList<>(List.of("file", "kernel", "PTX", "threads"));
    for (String arch : List.of("sm_80", "sm_90")) {
      columns.addAll(List.of(arch + " registers", "shared", "blocks", "occupancy"));
    }
    return new BudgetTable("Registers, shared memory, occupancy", columns, 2, 0);
  }

  /** Lines of kernels/registers: FILE ISA KERNEL THREADS ARCH REGISTERS SHARED BLOCKS PERCENT. */
  private BudgetTable registers() throws IOException {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file())) {
      List<String> n = List.of(line.split(" "));
      rows.computeIfAbsent(
              n.get(0) + " " + n.get(2),
              k -> new ArrayList<>(List.of(n.get(0), "`" + n.get(2) + "`", n.get(1), n.get(3))))
          .addAll(n.subList(5, 9)); // sm_80 comes before sm_90
    }
    BudgetTable table = emptyRegisters();
    rows.values().forEach(table::add);
    return table;
  }

  private static BudgetTable counters() throws IOException {
    BudgetTable table =
        new BudgetTable(
            "Bytes, coalescing, bank conflicts",
            List.of("case", "size", "moved / least", "load", "store", "bank", "why"),
            1,
            0.03);
    CountKernels.count(
        KernelCases.all(),
        row -> {
          List<String> cells = new ArrayList<>(List.of(row.kernel().name(), row.size().toString()));
          cells.addAll(row.memory());
          cells.add(BudgetReasons.of(row.kernel().name(), row.memory()));
          table.add(cells);
        });
    return table;
  }
}
