package dev.krongauss.bench.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Registers and shared memory of each kernel, from the table of {@code kernels/BUDGET.md}. */
final class KernelBudget {
  private static final List<String> ARCHITECTURES = List.of("sm_80", "sm_90");
  private static final int COLUMNS = 12;
  private static final int FIRST = 4;
  private static final int OF_ARCHITECTURE = 4;

  private final Map<String, Needs> needs = new HashMap<>();

  /**
   * What a block of a kernel needs, and how many of them ptxas's numbers leave room for.
   *
   * @param resident blocks on a multiprocessor of the architecture
   */
  record Needs(int threads, int registers, int sharedBytes, int resident) {}

  private KernelBudget() {}

  /**
   * Reads the page.
   *
   * @throws IOException if it cannot be read, or has no such table
   */
  static KernelBudget read(Path page) throws IOException {
    KernelBudget budget = new KernelBudget();
    for (String line : Files.readAllLines(page)) {
      List<String> cells = List.of(line.split(" *\\| *", -1));
      if (cells.size() == COLUMNS + 2 && cells.get(2).startsWith("`")) {
        budget.add(cells.subList(1, COLUMNS + 1));
      }
    }
    if (budget.needs.isEmpty()) {
      throw new IOException(page + " has no table of registers; write it with kernels/budget");
    }
    return budget;
  }

  private void add(List<String> cells) {
    String kernel = cells.get(1).replace("`", "");
    int threads = Integer.parseInt(cells.get(3));
    for (int a = 0; a < ARCHITECTURES.size(); a++) {
      List<Integer> n =
          cells.subList(FIRST + OF_ARCHITECTURE * a, FIRST + OF_ARCHITECTURE * (a + 1)).stream()
              .map(Integer::valueOf)
              .toList();
      needs.put(
          kernel + " " + ARCHITECTURES.get(a), new Needs(threads, n.get(0), n.get(1), n.get(2)));
    }
  }

  /**
   * Blocks of a kernel that a multiprocessor holds at once.
   *
   * @throws IllegalArgumentException if the budget does not have the kernel
   */
  int resident(String kernel, int blockThreads, ModelledGpu gpu) {
    Needs found = needs.get(kernel + " " + gpu.architecture());
    if (found == null) {
      throw new IllegalArgumentException(
          "kernels/BUDGET.md has no kernel " + kernel + "; write it anew with kernels/budget");
    }
    return gpu.resident(blockThreads, found.registers(), found.sharedBytes());
  }

  /** All rows, by kernel and architecture. */
  Map<String, Needs> needs() {
    return Map.copyOf(needs);
  }
}
