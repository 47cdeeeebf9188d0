package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Congruence;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import java.util.Arrays;
import java.util.List;

/**
 * The pre-activation curvature of each datapoint, as a stack of matrices, for a chunk of a batch:
 * from H_L back through the layers by ℋ_l = B_l W_{l+1}ᵀ ℋ_{l+1} W_{l+1} B_l + D_l, with D_l left
 * out for Gauss-Newton.
 *
 * <p>H_L is read off the loss by products with unit vectors, written straight into its rows. Two
 * buffers are taken in turns.
 */
final class PreActivationCurvature {
  private final Operations operations;
  private final Congruence congruence;
  private final LossFunction.OnDevice loss;
  private final List<LayerTrace> traces;
  private final Matrix h;
  private final Matrix t;
  private final BackwardPass backward;
  private final List<Buffer> sides;
  private final Matrix units;

  /**
   * @param backward of the batch, or null for Gauss-Newton
   * @param lowest layer that is asked for, from 0
   * @param chunk most datapoints asked for at once
   */
  PreActivationCurvature(
      Arena arena,
      Operations operations,
      Congruence congruence,
      LossFunction.OnDevice loss,
      List<LayerTrace> traces,
      Matrix h,
      Matrix t,
      BackwardPass backward,
      int lowest,
      int chunk,
      Stream s) {
    this.operations = operations;
    this.congruence = congruence;
    this.loss = loss;
    this.traces = traces;
    this.h = h;
    this.t = t;
    this.backward = backward;
    long floats = (long) chunk * floatsOfSide(traces, lowest);
    sides = List.of(arena.floats(floats, "H, one side"), arena.floats(floats, "H, other side"));
    int K = h.columns();
    units = arena.matrix(chunk, 2 * K - 1, "unit vectors");
    float[] ones = new float[chunk];
    Arrays.fill(ones, 1);
    Matrix.wrap(units.pointer() + 4L * (K - 1), chunk, 1, units.stride()).upload(ones, s);
  }

  /** Bytes that the constructor takes for each datapoint of a chunk. */
  static long bytesOfDatapoint(List<LayerTrace> traces, int lowest) {
    int K = traces.get(traces.size() - 1).weights().rows();
    return 4 * (2 * floatsOfSide(traces, lowest) + Matrix.paddedStride(2 * K - 1));
  }

  /** The widest of the layers whose curvature is formed on the way to {@code lowest}. */
  static int widest(List<LayerTrace> traces, int lowest) {
    return traces.stream().skip(lowest).mapToInt(x -> x.weights().rows()).max().orElseThrow();
  }

  private static long floatsOfSide(List<LayerTrace> traces, int lowest) {
    int widest = widest(traces, lowest);
    return (long) widest * Matrix.paddedStride(widest);
  }

  /**
   * ℋ_l or 𝒢_l of the datapoints {@code first} … {@code first + n − 1}, {@code [n·d_l][d_l]}, row
   * k·d_l + i; symmetric bit for bit, valid until the next call.
   */
  Matrix of(int layer, int first, int n, Stream s) {
    int side = 0;
    Matrix H = ofOutput(first, n, s);
    for (int l = traces.size() - 1; l > layer; l--) {
      int o = H.columns();
      int i = traces.get(l).weights().columns() - 1;
      Matrix W = traces.get(l).weights().columns(i);
      Matrix half = stack(1 - side, n * o, i);
      operations.product(s, false, H, false, W, 1, 0, half);
      Matrix turned = stack(side, n * i, o);
      congruence.transpose(s, half, n, turned);
      Matrix below = stack(1 - side, n * i, i);
      operations.product(s, false, turned, false, W, 1, 0, below);
      Matrix D = backward == null ? null : backward.D(l - 1).rows(first, n);
      congruence.scale(s, below, traces.get(l - 1).derivative().rows(first, n), D, below);
      H = below;
      side = 1 - side;
    }
    return H;
  }

  private Matrix ofOutput(int first, int n, Stream s) {
    int K = h.columns();
    Matrix H = stack(0, n * K, K);
    Matrix logits = h.rows(first, n);
    Matrix targets = t.rows(first, n);
    for (int k = 0; k < K; k++) {
      // The 1 of each row of `units` is its element K − 1: seen from K − 1 − k on it is element k.
      Matrix unit = Matrix.wrap(units.pointer() + 4L * (K - 1 - k), n, K, units.stride());
      Matrix row = Matrix.wrap(H.pointer() + 4L * k * H.stride(), n, K, K * H.stride());
      if (backward == null) {
        loss.curvatureVector(logits, targets, unit, row, s);
      } else {
        loss.hessianVector(logits, targets, unit, row, s);
      }
    }
    congruence.scale(s, H, null, null, H); // a loss of the user's own may round both halves apart
    return H;
  }

  private Matrix stack(int side, int rows, int columns) {
    return Matrix.wrap(sides.get(side).pointer(), rows, columns, Matrix.paddedStride(columns));
  }
}
