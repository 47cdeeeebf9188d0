package dev.krongauss.kernel.operations;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Diagonal;
import dev.krongauss.kernel.tile.Tiles;
import java.util.ArrayList;
import java.util.List;

/**
 * Which of the matrices of a factorisation are diagonal, given as [1][n], and their inverses: in
 * one launch beside the library that inverts the others, with dampings and infos in the same rows.
 */
final class Diagonals {
  private final Diagonal diagonal;
  private final List<Diagonal.Item> items = new ArrayList<>();
  private final int[] others;
  private final int row;

  /**
   * @param S symmetric [n][n] or diagonals [1][n]
   * @param X for each candidate as many matrices, of the same shapes
   */
  Diagonals(Device device, List<Matrix> S, List<List<Matrix>> X) {
    diagonal = new Diagonal(device);
    List<Integer> full = new ArrayList<>();
    for (int m = 0; m < S.size(); m++) {
      if (!Tiles.diagonal(S.get(m))) {
        full.add(m);
        continue;
      }
      for (int c = 0; c < X.size(); c++) {
        items.add(new Diagonal.Item(S.get(m), c * S.size() + m, X.get(c).get(m)));
      }
    }
    others = full.stream().mapToInt(m -> m).toArray();
    row = S.size() * X.size();
  }

  /** Indices of the matrices that are not diagonal. */
  int[] others() {
    return others;
  }

  /** Those of the matrices that are not diagonal. */
  List<Matrix> others(List<Matrix> matrices) {
    List<Matrix> result = new ArrayList<>();
    for (int m : others) {
      result.add(matrices.get(m));
    }
    return result;
  }

  /** As {@link Diagonal#invert}. */
  void run(Stream s, long damping, long info) {
    if (!items.isEmpty()) {
      diagonal.invert(s, items, row, damping, info);
    }
  }
}
