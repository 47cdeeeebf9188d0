package dev.krongauss.kernel;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sizes worth timing: those of the paper's autoencoder 784-1000-500-250-30-250-500-1000-784 at N =
 * 1000, found by the names of a case's dimensions.
 */
final class PaperSizes {
  /** A case whose operands would not fit is timed at its largest test size. */
  private static final double MAX_BYTES = 1e9;

  private static final Map<Set<String>, List<Size>> BY_NAMES =
      Map.of(
          // forward products of the widest, a narrow and the last layer; a square one for the rate
          Set.of("M", "N", "K"),
          List.of(
              Size.of("M", 1000, "N", 1000, "K", 785),
              Size.of("M", 1000, "N", 500, "K", 1001),
              Size.of("M", 1000, "N", 30, "K", 251),
              Size.of("M", 1000, "N", 784, "K", 1001),
              Size.of("M", 4096, "N", 4096, "K", 4096)),
          Set.of("M", "d"),
          List.of(
              Size.of("M", 1000, "d", 785),
              Size.of("M", 1000, "d", 1001),
              Size.of("M", 1000, "d", 251),
              Size.of("M", 1000, "d", 31),
              Size.of("M", 20_000, "d", 1001)),
          Set.of("n"),
          List.of(Size.of("n", 31), Size.of("n", 251), Size.of("n", 501), Size.of("n", 1001)),
          Set.of("n", "m"),
          List.of(
              Size.of("n", 1000, "m", 785),
              Size.of("n", 1001, "m", 500),
              Size.of("n", 251, "m", 30)),
          // a factorisation made to fail in column k
          Set.of("n", "k"),
          List.of(),
          Set.of("rows", "columns"),
          List.of(Size.of("rows", 1000, "columns", 784), Size.of("rows", 1000, "columns", 1001)),
          Set.of("rows", "columns", "t"),
          List.of(Size.of("rows", 1000, "columns", 1001, "t", 10)),
          Set.of("N", "d"),
          List.of(Size.of("N", 1000, "d", 784)),
          Set.of("d"),
          List.of(Size.of("d", 1001)),
          Set.of("q", "g"),
          List.of(Size.of("q", 1001, "g", 500)));

  private PaperSizes() {}

  static List<Size> of(KernelCase c) {
    Size largest =
        c.sizes().stream()
            .max(Comparator.comparingDouble(s -> c.work(s).flops() + c.work(s).bytes()))
            .orElseThrow();
    List<Size> sizes = BY_NAMES.get(Set.copyOf(largest.names()));
    if (sizes == null) {
      return List.of(largest);
    }
    return sizes.stream().allMatch(s -> c.work(s).bytes() < MAX_BYTES) ? sizes : List.of(largest);
  }
}
