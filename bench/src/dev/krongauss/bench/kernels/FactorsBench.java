package dev.krongauss.bench.kernels;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Solver;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Cholesky;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The factorisation and inverse of all 16 factors of the paper's autoencoder: one launch of {@link
 * Cholesky} beside potrf and potri of cuSOLVER for each.
 */
final class FactorsBench {
  private static final int TINY = 10;

  /**
   * The matrices are the identity and a symmetric one of norm below a half, so κ < 3: either result
   * is within n 2⁻²⁴ κ of the true one.
   */
  private static final double LARGEST_DIFFERENCE = 1e-3;

  private FactorsBench() {}

  /** One row; without cuSOLVER ours alone. */
  static Map<String, Object> measure(Device device, Timer timer, boolean tiny) {
    List<Integer> orders = Rival.FACTORS.stream().map(n -> tiny ? n / TINY : n).toList();
    double flops = orders.stream().mapToDouble(n -> Math.pow(n, 3)).sum();
    double bytes = orders.stream().mapToDouble(n -> 2.0 * n * (n + 1) + 4.0 * n * n).sum();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("case", "cholesky, all factors");
    row.put(
        "size",
        "%d, n = %d to %d"
            .formatted(orders.size(), Collections.min(orders), Collections.max(orders)));
    row.put("flops", flops);
    row.put("bytes", bytes);
    try (Arena arena = device.newArena("factors");
        Rival factors = Rival.factors(device, orders)) {
      List<Matrix> X = orders.stream().map(n -> arena.matrix(n, n, "X")).toList();
      Timer.Times ours = ours(device.stream(), arena, factors.operands(), X, timer);
      KernelBench.put(row, "", ours);
      row.put("gigabytesPerSecond", KernelBench.round(bytes / ours.median() / 1e3));
      row.put("teraflops", KernelBench.round(flops / ours.median() / 1e6));
      device.solver().ifPresent(solver -> beside(row, device, solver, orders, X, timer));
    }
    return row;
  }

  private static Timer.Times ours(
      Stream s, Arena arena, List<Matrix> S, List<Matrix> X, Timer timer) {
    Cholesky.Plan plan = new Cholesky(s.device()).plan(arena, S, List.of(X));
    Matrix damping = arena.matrix(1, S.size(), "damping");
    damping.upload(new float[S.size()], s);
    Buffer info = arena.ints(S.size(), "info");
    Timer.Times times =
        timer.time(
            () -> {}, () -> plan.factoriseAndInvert(s, damping.pointer(), info.pointer(), 0));
    for (int each : info.downloadInts(S.size(), s)) {
      if (each != 0) {
        throw new AssertionError("a factor was not positive definite at column " + each);
      }
    }
    return times;
  }

  private static void beside(
      Map<String, Object> row,
      Device device,
      Solver solver,
      List<Integer> orders,
      List<Matrix> X,
      Timer timer) {
    double median = ((Number) row.get("medianMicroseconds")).doubleValue();
    try (Rival rival = Rival.factorise(device, solver, orders, true, true)) {
      row.put("library", rival.name());
      Timer.Times theirs = timer.time(rival::restore, rival::launch);
      KernelBench.put(row, "library", theirs);
      row.put("timesLibrary", KernelBench.round(median / theirs.median()));
      double largest = 0;
      for (int m = 0; m < X.size(); m++) {
        largest = Math.max(largest, difference(X.get(m), rival.results().get(m), device.stream()));
      }
      if (!(largest < LARGEST_DIFFERENCE)) {
        throw new AssertionError(
            "the inverses differ from cuSOLVER's by %.3g of their largest entry, more than %.0e"
                .formatted(largest, LARGEST_DIFFERENCE));
      }
      row.put("largestDifference", KernelBench.round(largest));
    }
  }

  /** Largest difference of the lower triangles, relative to the largest entry. */
  private static double difference(Matrix X, Matrix Y, Stream s) {
    int n = X.rows();
    float[] x = X.download(s);
    float[] y = Y.download(s);
    double difference = 0;
    double largest = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double each = Math.abs((double) x[i * n + j] - y[i * n + j]);
        difference = each <= difference ? difference : each; // NaN stays
        largest = Math.max(largest, Math.abs(y[i * n + j]));
      }
    }
    return difference / largest;
  }
}
