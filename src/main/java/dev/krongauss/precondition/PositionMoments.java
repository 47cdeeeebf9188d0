package dev.krongauss.precondition;

import dev.krongauss.curvature.Factors;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Diagonal;
import dev.krongauss.kernel.EmbeddingCounts;
import dev.krongauss.kernel.PositionRows;
import dev.krongauss.kernel.PositionRows.Scale;
import dev.krongauss.kernel.argument.Past;
import dev.krongauss.kernel.argument.PositionSet;
import dev.krongauss.kernel.operations.Operations;
import java.util.List;

/**
 * Enters the rows of a batch's positions into factors. Rows that all count as they are go straight
 * into the Gram matrix; others are drawn, scaled or summed first, some at a time through scratch
 * memory of a fixed size, so that a batch may have any.
 */
final class PositionMoments {
  private static final int ROWS = 2048;
  private static final long SCRATCH_FLOATS = 4 << 20;
  private static final int LEAST_ROWS = 64;

  private final Factors factors;
  private final PositionRows kernels;
  private final EmbeddingCounts counts;
  private final Diagonal diagonals;
  private final boolean countsFirst; // a factor counts its batch with the first rows, or the last
  private final Buffer scratch;
  private final Buffer totals;
  private final Buffer one;
  private final Buffer counters;
  private final Buffer diagonal;

  PositionMoments(Operations operations, Arena arena, Factors factors, List<LayerSpec> layers) {
    Device device = operations.device();
    this.factors = factors;
    countsFirst = operations.averagesGrams();
    kernels = new PositionRows(device);
    counts = new EmbeddingCounts(device);
    diagonals = new Diagonal(device);
    long stride = Matrix.paddedStride(layers.stream().mapToInt(LayerSpec::widest).max().orElse(1));
    long floats = Math.max(LEAST_ROWS * stride, Math.min(ROWS * stride, SCRATCH_FLOATS));
    scratch = arena.floats(floats, "rows of positions");
    totals = arena.floats(2, "totals of positions");
    one = arena.floats(1, "one");
    one.upload(new float[] {1}, device.stream());
    int most =
        layers.stream().filter(LayerSpec::diagonal).mapToInt(LayerSpec::units).max().orElse(1);
    counters = arena.ints(EmbeddingCounts.bytes(most) / Integer.BYTES, "counts of an embedding");
    diagonal = arena.floats(most, "diagonal of a batch");
  }

  /** The most square-root columns of a row, K, that fit for so many columns. */
  int mostRank(int columns) {
    return (int) (scratch.bytes() / Float.BYTES / Matrix.paddedStride(columns));
  }

  /** Before anything of a batch: its totals, where not all rows count. */
  void begin(Positions p, Stream s) {
    if (p.masked()) {
      kernels.total(s, set(0, p, false));
    }
  }

  /** ā into a dense layer's Q; a column of ones is added where it is missing. */
  void activations(int layer, LayerSpec spec, Matrix a, Positions p, Stream s) {
    int factor = 2 * layer;
    boolean reduced = reduced(spec, p);
    if (direct(spec, p) && a.columns() == spec.activations()) {
      factors.enterRows(factor, a, 1f / a.rows(), true, true, s);
      return;
    }
    Scale scale = new Scale(reduced, false, reduced);
    rows(layer, factor, p, a, null, reduced, scale, spec.activations(), s);
  }

  /** C into a dense layer's G, or an embedding's factor of its outputs. */
  void squareRoot(int layer, LayerSpec spec, Matrix C, Positions p, Stream s) {
    int factor = spec.kind() == LayerSpec.Kind.DENSE ? 2 * layer + 1 : 2 * layer;
    boolean reduced = reduced(spec, p);
    boolean datapoints = reduced || p.isSummed();
    if (direct(spec, p)) {
      float D = datapoints ? p.datapoints() : p.rows();
      factors.enterRows(factor, C, p.isOfMean() ? D : 1f / D, true, true, s);
      return;
    }
    Scale scale = new Scale(datapoints, p.isOfMean(), false);
    rows(layer, factor, p, C, null, reduced, scale, C.columns(), s);
  }

  /** A mean curvature that is known. */
  void curvature(int layer, Matrix G, Stream s) {
    factors.enterCurvature(layer, G, s);
  }

  /** How often an embedding's rows are looked up, into its diagonal. */
  void lookups(int layer, LayerSpec spec, long indices, Positions p, Stream s) {
    Matrix q = Matrix.wrap(diagonal.pointer(), 1, spec.units(), spec.units());
    counts.mean(s, set(layer, p, false), indices, counters.pointer(), q);
    factors.enterCurvature(layer, q, s);
  }

  /**
   * The gradients of a scale, a shift or both, into the layer's block.
   *
   * @param scaled what the scale multiplies, null for a shift
   */
  void elementwise(int layer, LayerSpec spec, Matrix scaled, Matrix C, Positions p, Stream s) {
    factors.enterRows(2 * layer, Matrix.wrap(one.pointer(), 1, 1, 1), 1, true, true, s);
    Scale scale = new Scale(p.isSummed(), p.isOfMean(), false);
    rows(layer, 2 * layer + 1, p, C, scaled, true, scale, spec.units(), s);
  }

  /** All groups of a batch, some at a time. */
  private void rows(
      int layer,
      int factor,
      Positions p,
      Matrix X,
      Matrix scaled,
      boolean sum,
      Scale scale,
      int columns,
      Stream s) {
    int K = X.rows() / p.rows();
    int groups = set(layer, p, false).groups(sum ? p.datapoints() : p.rows());
    int most = mostRank(columns) / K;
    int stride = Matrix.paddedStride(columns);
    for (int begin = 0; begin < groups; begin += most) {
      int count = Math.min(most, groups - begin);
      Matrix Y = Matrix.wrap(scratch.pointer(), count * K, columns, stride);
      PositionSet set = set(layer, p, begin > 0 && countsFirst && factor % 2 != 0 && full(layer));
      if (scaled != null) {
        kernels.sum(s, set, X, scaled, begin, scale, Y);
      } else if (sum) {
        kernels.sum(s, set, X, begin, scale, Y);
      } else {
        kernels.take(s, set, X, begin, scale, Y);
      }
      enter(layer, factor, Y, begin == 0, begin + count == groups, s);
    }
  }

  private void enter(int layer, int factor, Matrix Y, boolean first, boolean last, Stream s) {
    if (factor % 2 == 0 || full(layer)) {
      factors.enterRows(factor, Y, 1, first, last, s);
      return;
    }
    Matrix sum = Matrix.wrap(diagonal.pointer(), 1, Y.columns(), Y.columns());
    diagonals.gram(s, Y, 1, first ? 0 : 1, sum);
    if (last) {
      factors.enterCurvature(layer, sum, s);
    }
  }

  private boolean full(int layer) {
    return !factors.diagonal(layer);
  }

  /**
   * The set of rows as the kernels take it. Draws go by the batches in the layer's G, which all
   * rows of a batch find alike: {@code counted} says that its first rows have counted it already.
   */
  private PositionSet set(int layer, Positions p, boolean counted) {
    return new PositionSet(
        p.datapoints(),
        p.positions(),
        p.maskAt(),
        p.lengthsAt(),
        p.masked() ? totals.pointer() : 0,
        factors.batches() + 4L * Past.INTS * (2 * layer + 1),
        p.drawnOf(),
        counted ? 1 : 0,
        layer);
  }

  private static boolean reduced(LayerSpec spec, Positions p) {
    return spec.sharing() == Sharing.REDUCE && (p.positions() > 1 || p.masked());
  }

  /** Whether every row counts, as it is. */
  private static boolean direct(LayerSpec spec, Positions p) {
    return !reduced(spec, p) && !p.masked() && p.drawnOf() == 1;
  }
}
