package dev.krongauss.curvature;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.LayerTrace;
import java.util.List;
import java.util.Locale;

/**
 * How many datapoints' exact curvature a budget of device memory has room for at once, beside a
 * result and what is held already.
 */
final class ChunkBudget {
  /** Columns of the widest matrix of a datapoint whose rows still lie within an int of floats. */
  private static final int WIDEST = 46304;

  /** Rows of a stack that a product takes at once. */
  private static final int MOST_ROWS = 4_000_000;

  private final List<LayerTrace> traces;
  private final int N;
  private final long bytes;

  /**
   * @param N datapoints of the batch
   * @throws IllegalArgumentException if the budget is not positive
   */
  ChunkBudget(List<LayerTrace> traces, int N, long bytes) {
    Check.that(bytes > 0, "a budget of %d bytes; it must be positive", bytes);
    this.traces = traces;
    this.N = N;
    this.bytes = bytes;
  }

  /**
   * Datapoints of a chunk.
   *
   * @param rows of the result, which is {@code [rows][columns]}
   * @param name of the result, for the message
   * @param held bytes of earlier results and gradients
   * @throws IllegalArgumentException if not one datapoint fits: the message says what it would take
   */
  int chunk(CurvatureBlocks.Kind kind, int layer, long rows, long columns, String name, long held) {
    boolean hessian = kind == CurvatureBlocks.Kind.HESSIAN;
    Matrix W = traces.get(layer).weights();
    int widest = PreActivationCurvature.widest(traces, layer);
    double result = 4.0 * rows * ((columns + 31) / 32 * 32);
    long ofDatapoint = PreActivationCurvature.bytesOfDatapoint(traces, layer);
    double most = (bytes - result - held) / ofDatapoint;
    Check.that(
        most >= 1 && rows <= Integer.MAX_VALUE && columns <= Integer.MAX_VALUE - 31,
        "the exact %s %s [%d][%d] of layer %d is [%d][%d] and needs %s, beside %s for each datapoint on"
            + " the way and %s for earlier results and gradients; the budget is %s. %sProduct multiplies with the same matrix"
            + " in the memory of a few activations, a factor engine approximates it; or raise the budget",
        hessian ? "Hessian" : "Gauss-Newton",
        name,
        W.rows(),
        W.columns(),
        layer + 1,
        rows,
        columns,
        size(result),
        size(ofDatapoint),
        size(held),
        size(bytes),
        hessian ? "Hessian" : "GaussNewton");
    Check.that(
        widest <= WIDEST,
        "a layer with %d units; exact curvature of datapoints is limited to %d",
        widest,
        WIDEST);
    return (int) Math.min(Math.min(N, most), Math.max(1, MOST_ROWS / widest));
  }

  private static String size(double bytes) {
    return bytes >= 1L << 30
        ? String.format(Locale.ROOT, "%.1f GiB", bytes / (1L << 30))
        : String.format(Locale.ROOT, "%.3f MiB", bytes / (1L << 20));
  }
}
