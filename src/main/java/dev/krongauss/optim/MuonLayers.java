package dev.krongauss.optim;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.List;

/** Which parts of the layers' matrices {@link Muon} moves itself, and which are Adam's. */
final class MuonLayers {
  private final int first;
  private final int end;

  /**
   * @param layers of the model
   * @throws IllegalArgumentException if none is left to Muon
   */
  MuonLayers(int layers, Muon.Ends ends) {
    first = ends == Muon.Ends.ADAM ? 1 : 0;
    end = layers - first;
    Check.that(
        first < end,
        "a network of %d layers has none between the first and the last; leave the ends to Muon",
        layers);
  }

  /** Views without the bias column. */
  List<Matrix> matrices(List<Matrix> W) {
    return W.subList(first, end).stream().map(w -> w.columns(w.columns() - 1)).toList();
  }

  /** Bias columns of Muon's layers, and whole matrices of the others. */
  List<Matrix> rest(List<Matrix> W) {
    List<Matrix> rest = new ArrayList<>();
    for (int l = 0; l < W.size(); l++) {
      Matrix w = W.get(l);
      boolean own = first <= l && l < end;
      long bias = w.pointer() + 4L * (w.columns() - 1);
      rest.add(own ? Matrix.wrap(bias, w.rows(), 1, w.stride()) : w);
    }
    return rest;
  }
}
