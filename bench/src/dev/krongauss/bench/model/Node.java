package dev.krongauss.bench.model;

import dev.krongauss.optim.Phase;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A kernel of an update's graph: what SoftCUDA counted of its launch, and the time by each limit.
 *
 * @param phase of the update
 * @param kernel its name
 * @param blocks of the launch
 * @param threads of a block
 * @param resident blocks that a multiprocessor holds at once
 * @param waves in which the multiprocessors take the blocks, if each holds as many as it can
 * @param counted counters of the launch, by the names of SoftCUDA's report
 * @param limits microseconds by each limit, in one order
 * @param gap microseconds between this node and the next
 */
record Node(
    Phase phase,
    String kernel,
    long blocks,
    int threads,
    int resident,
    long waves,
    Map<String, Double> counted,
    Map<String, Double> limits,
    double gap) {
  private static final String CHAIN = "chain";

  /** The limits that nodes side by side share. */
  static final List<String> SHARED =
      List.of("issue", "fp32", "fp64", "integer", "special", "matrix", "shared", "L2", "DRAM");

  /** Of a line of SoftCUDA's report on launches, by the names in its first line. */
  static Node of(Phase phase, Map<String, String> line, KernelBudget budget, ModelledGpu gpu) {
    Map<String, Double> counted = new LinkedHashMap<>();
    line.forEach(
        (name, value) -> {
          if (!name.equals("kernel") && !name.equals("gpu")) {
            counted.put(name, Double.valueOf(value));
          }
        });
    String kernel = line.get("kernel");
    if (counted.get("multiprocessors") != gpu.multiprocessors()
        || !line.get("gpu").equals(gpu.option())) {
      throw new IllegalStateException(
          "SoftCUDA models %s with %s multiprocessors, bench/model %s with %d; correct one of both"
              .formatted(
                  line.get("gpu"),
                  line.get("multiprocessors"),
                  gpu.option(),
                  gpu.multiprocessors()));
    }
    long blocks = counted.get("blocks").longValue();
    int threads = counted.get("threads_of_block").intValue();
    int resident = budget.resident(kernel, threads, gpu);
    long atOnce = (long) resident * gpu.multiprocessors();
    long waves = (blocks + atOnce - 1) / atOnce;
    Map<String, Double> limits = new LinkedHashMap<>();
    SHARED.forEach(limit -> limits.put(limit, counted.get(limit + "_us")));
    limits.put(CHAIN, 1e6 * waves * counted.get("longest_clocks") / counted.get("clock_hz"));
    return new Node(
        phase, kernel, blocks, threads, resident, waves, counted, limits, counted.get("node_us"));
  }

  /** The slowest limit. */
  String limit() {
    return limits.entrySet().stream()
        .max(Comparator.comparingDouble(Map.Entry::getValue))
        .orElseThrow()
        .getKey();
  }

  /** Microseconds by the slowest limit. */
  double work() {
    return limits.get(limit());
  }

  /** Microseconds, with the gap to the next node. */
  double microseconds() {
    return work() + gap;
  }

  /**
   * Microseconds that the node would take if its blocks filled the multiprocessors as long as they
   * run: what other nodes cannot have of them.
   */
  double room() {
    double all = (double) waves * resident * counted.get("multiprocessors");
    return work() * blocks / all;
  }

  double flops() {
    return counted.get("flops_f32") + matrix() + counted.get("flops_f64");
  }

  /** Flops of the tensor cores. */
  double matrix() {
    return counted.get("flops_matrix_tf32") + counted.get("flops_matrix_half");
  }

  /** Bytes that L2 gives and takes: whole sectors of each access. */
  double movedBytes() {
    return 32 * (counted.get("load_sectors") + counted.get("store_sectors"));
  }

  /** Different bytes that the launch touches: what DRAM gives and takes at least once. */
  double leastBytes() {
    return counted.get("least_read_bytes") + counted.get("least_written_bytes");
  }

  /** Bytes that shared memory gives and takes: 128 a wavefront. */
  double sharedBytes() {
    return 128 * counted.get("shared_wavefronts");
  }

  /** Microseconds of the longest chain of dependent steps, one wave after the other. */
  double chain() {
    return limits.get(CHAIN);
  }
}
