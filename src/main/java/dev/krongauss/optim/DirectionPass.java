package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.operations.Passes;
import java.util.ArrayList;
import java.util.List;

/**
 * All layers' directions through the network as one stacked pass: behind layer l there are l chunks
 * of n rows, chunk j of direction j.
 */
final class DirectionPass {
  private final List<Matrix> weights;
  private final Passes passes;
  private final int n;
  private final List<Matrix> inputs = new ArrayList<>();
  private final List<Matrix> derivatives = new ArrayList<>();
  private final List<Matrix> tangents = new ArrayList<>();

  /** Takes memory for n rows, which are 0 until they are written. */
  DirectionPass(Arena arena, Passes passes, List<Matrix> weights, int n) {
    this.weights = weights;
    this.passes = passes;
    this.n = n;
    for (int l = 1; l <= weights.size(); l++) {
      Matrix W = weights.get(l - 1);
      inputs.add(arena.matrix(n, W.columns(), "input of layer " + l + ", part"));
      if (l < weights.size()) {
        derivatives.add(arena.matrix(n, W.rows(), "derivative of layer " + l + ", part"));
      }
      tangents.add(arena.matrix(l * n, W.rows(), "tangents of layer " + l));
    }
  }

  /** Rows of each direction. */
  int rows() {
    return n;
  }

  /** Where some rows of the layers' inputs go, and behind them those of the derivatives. */
  List<Matrix> places(int first, int rows) {
    List<Matrix> places = new ArrayList<>();
    inputs.forEach(input -> places.add(input.rows(first, rows)));
    derivatives.forEach(derivative -> places.add(derivative.rows(first, rows)));
    return places;
  }

  /** Gives v_1 … v_L of the outputs, {@code [L n][d_L]}. */
  Matrix push(List<Matrix> directions, Stream s) {
    List<Link.Tangents> links = new ArrayList<>();
    for (int l = 0; l < weights.size(); l++) {
      links.add(
          new Link.Tangents(
              inputs.get(l),
              directions.get(l),
              l == 0 ? null : tangents.get(l - 1),
              weights.get(l),
              l + 1 == weights.size() ? null : derivatives.get(l),
              tangents.get(l)));
    }
    passes.tangents(s, links);
    return outputs();
  }

  /** What the last {@link #push} gave. */
  Matrix outputs() {
    return tangents.get(tangents.size() - 1);
  }
}
