package dev.krongauss.bench.kit;

import dev.krongauss.bench.kernels.KernelBench;
import dev.krongauss.bench.update.UpdateEvents;
import dev.krongauss.device.Device;
import dev.krongauss.kernel.KernelCase;
import dev.krongauss.kernel.KernelCases;
import dev.krongauss.kernel.KernelTest;
import dev.krongauss.kernel.Size;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What a session takes of all items: the cases that matter most, each case once before any a second
 * time, so that whatever time there is says something about all of them.
 */
final class Selection {
  /** In this order: what can hang by waiting for a flag first. */
  static final List<String> CHECKED =
      List.of(
          "chain/",
          "cholesky/",
          "gram/",
          "solve/",
          "gradient/",
          "matmul_tensor/",
          "reduce/",
          "loss/",
          "loss_hessian/",
          "loss_root/");

  /** Of those that are checked, and beside them, what is timed. */
  static final List<String> TIMED =
      List.of(
          "chain/",
          "cholesky/invert",
          "gram/moving-average",
          "gram/fresh",
          "solve/left",
          "solve/right",
          "gradient/l2",
          "matmul_tensor/nn_",
          "matmul_tensor/nt_",
          "matmul_tensor/tn_",
          "matmul_tensor/forward-tanh_",
          "matmul_tensor/backward",
          "matmul_tensor/recursion",
          "matmul_tensor/tangent_",
          "matmul/nt",
          "reduce/dot-and-norm",
          "reduce/many-and-norm",
          "loss/evaluate-bernoulli",
          "loss_hessian/mean-bernoulli",
          "loss/sampled-gradient-bernoulli",
          "trace_damping/many",
          "update/many",
          "adam/accepted");

  static final List<String> SANITIZED =
      List.of(
          "chain/forward_tf32x3_64",
          "cholesky/mixed",
          "gram/moving-average__tf32x3_64",
          "reduce/dot-and-norm");

  static final String SMOKE = "update/accepted";
  static final List<String> GRAPHS = List.of("dev.krongauss.device.GraphTest");

  /** Larger sizes than those of an update are timed last. */
  private static final double PAPER_FLOPS = 3e9;

  private static final int SOFTWARE_SIZES = 2;
  private static final double PHASE_SECONDS = 4;
  private static final double SOFTWARE_PHASE_SECONDS = 0.5;

  /** Whose kernels are timed one by one: those of the model. */
  private static final List<String> KERNELS_TIMED = List.of("kfra", "adam");

  private static final double KERNEL_SECONDS = 1.5;

  /** Of updates by phases, with this project's kernels, which are slow there. */
  static final double SOFTWARE_SCALE = 0.05;

  static final int SOFTWARE_BATCH = 32;

  private Selection() {}

  /** Cases at all test sizes, the largest first, then graphs; on SoftCUDA two sizes. */
  static List<Items.Item> checks(List<String> prefixes, boolean software) {
    List<List<Items.Item>> ofCases = new ArrayList<>();
    GRAPHS.stream()
        .filter(name -> prefixes.isEmpty() || Items.chosen(name, prefixes))
        .forEach(name -> ofCases.add(List.of(Items.test(name))));
    for (KernelCase c : cases(prefixes.isEmpty() ? CHECKED : prefixes)) {
      List<Size> sizes = bySize(c, c.sizes());
      if (software) {
        sizes = sizes.subList(Math.max(0, sizes.size() - SOFTWARE_SIZES), sizes.size());
      }
      List<Items.Item> items = new ArrayList<>();
      for (Size size : sizes) {
        for (KernelCase.Variant variant : c.variants()) {
          if (variant != KernelCase.Variant.POSITIVE) {
            items.add(Items.check(new KernelTest.Run(c, size, variant)));
          }
        }
      }
      ofCases.add(items);
    }
    return inTurns(ofCases);
  }

  /**
   * All factors of the network, and launches timed, with sizes of the paper's network; on SoftCUDA
   * one small size each.
   */
  static List<Items.Item> timings(List<String> prefixes, boolean software) {
    List<List<Items.Item>> ofCases = new ArrayList<>();
    if (Items.chosen("cholesky", prefixes)) {
      ofCases.add(List.of(Items.factors(software)));
    }
    for (KernelCase c : cases(prefixes.isEmpty() ? TIMED : prefixes)) {
      List<KernelBench.Item> items = KernelBench.items(List.of(c.name()), software);
      ofCases.add(
          items.stream()
              .filter(item -> item.kernel().name().equals(c.name()))
              .sorted(Comparator.comparingDouble(item -> lateness(c, item.size())))
              .map(Items::timing)
              .toList());
    }
    return inTurns(ofCases);
  }

  /** The least work last, but what is larger than an update needs behind it. */
  private static double lateness(KernelCase c, Size size) {
    double flops = c.work(size).flops();
    return flops > PAPER_FLOPS ? flops : -flops;
  }

  /** A few cases at one size. */
  static List<Items.Item> sample(List<String> prefixes) {
    List<Items.Item> items = new ArrayList<>();
    for (KernelCase c : cases(prefixes.isEmpty() ? SANITIZED : prefixes)) {
      List<Size> sizes = bySize(c, c.sizes());
      Size size = sizes.get(Math.max(0, sizes.size() - 2));
      items.add(Items.check(new KernelTest.Run(c, size, KernelCase.Variant.MIXED)));
    }
    return items;
  }

  /** One small launch: whether the device works at all. */
  static List<Items.Item> smoke() {
    return sample(List.of(SMOKE));
  }

  /** What an update costs by phases; the property for single launches counts for all of them. */
  static List<Items.Item> phases(boolean software) {
    List<Items.Item> items = new ArrayList<>();
    for (String optimizer : List.of("kfra", "kfac", "adam")) {
      items.add(new Items.Item(optimizer, optimizer, () -> phases(optimizer, software)));
    }
    return items;
  }

  private static List<Map<String, Object>> phases(String optimizer, boolean software) {
    Device device = TestDevice.get();
    try (UpdateEvents events =
        new UpdateEvents(
            device, optimizer, software ? SOFTWARE_SCALE : 1, software ? SOFTWARE_BATCH : 1000)) {
      List<Map<String, Object>> rows =
          events.measure(software ? SOFTWARE_PHASE_SECONDS : PHASE_SECONDS);
      boolean chained = System.getProperty("krongauss.chain", "on").equals("on");
      if (chained && KERNELS_TIMED.contains(optimizer)) {
        rows.addAll(events.kernels(software ? SOFTWARE_PHASE_SECONDS : KERNEL_SECONDS));
      }
      rows.forEach(
          row -> {
            row.put("optimizer", optimizer);
            row.put("chain", System.getProperty("krongauss.chain", "on"));
          });
      return rows;
    }
  }

  /** In the order of the prefixes; a case that several of them name once. */
  private static List<KernelCase> cases(List<String> prefixes) {
    return prefixes.stream()
        .flatMap(p -> KernelCases.all().stream().filter(c -> c.name().startsWith(p)))
        .distinct()
        .toList();
  }

  /** The largest first. */
  private static List<Size> bySize(KernelCase c, List<Size> sizes) {
    return sizes.stream()
        .sorted(Comparator.comparingDouble(s -> -c.work(s).flops() - c.work(s).bytes()))
        .toList();
  }

  static <T> List<T> inTurns(List<List<T>> lists) {
    List<T> all = new ArrayList<>();
    int most = lists.stream().mapToInt(List::size).max().orElse(0);
    for (int k = 0; k < most; k++) {
      for (List<T> list : lists) {
        if (k < list.size()) {
          all.add(list.get(k));
        }
      }
    }
    return all;
  }
}
