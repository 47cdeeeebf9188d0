package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LayerTrace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The square roots C_l of all layers of some datapoints, held at once. */
final class SquareRootChain {
  private final Operations operations;
  private final List<Matrix> below = new ArrayList<>();

  /**
   * Takes memory for the layers below the last one.
   *
   * @param W weights of all layers
   * @param rows N K of the most datapoints at once
   */
  SquareRootChain(Arena arena, Operations operations, List<Matrix> W, int rows) {
    this.operations = operations;
    for (int l = 0; l < W.size() - 1; l++) {
      below.add(arena.matrix(rows, W.get(l).rows(), "C" + (l + 1)));
    }
  }

  /**
   * C_1 … C_L of the datapoints {@code first} … {@code first + n − 1}.
   *
   * @param top C_L of these, [n K][d_L]
   */
  List<Matrix> of(Matrix top, List<LayerTrace> traces, int first, int n, Stream s) {
    Matrix[] C = new Matrix[traces.size()];
    C[C.length - 1] = top;
    int K = top.rows() / n;
    for (int l = C.length - 1; l > 0; l--) {
      Matrix derivative = traces.get(l - 1).derivative().rows(first, n);
      C[l - 1] = below.get(l - 1).rows(0, n * K);
      operations.lowrank(s, C[l], traces.get(l).weights(), derivative, K, C[l - 1]);
    }
    return Arrays.asList(C);
  }
}
