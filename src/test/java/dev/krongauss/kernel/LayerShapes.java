package dev.krongauss.kernel;

import dev.krongauss.kernel.group.Groups;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Shapes of the layers in cases of many layers: all different, one wider than a chunk. */
final class LayerShapes {
  private LayerShapes() {}

  static int rows(int layer) {
    return 1 + 7 * layer % 19;
  }

  static int columns(int layer) {
    return layer == 1 ? 1029 : 1 + 13 * layer % 71;
  }

  /** Sizes of a case of many layers: within one launch and across its limit. */
  static List<Size> counts() {
    return List.of(
        Size.of("layers", 2),
        Size.of("layers", Groups.MOST),
        Size.of("layers", Groups.MOST + 1),
        Size.of("layers", 2 * Groups.MOST + 3));
  }

  /** The shapes {rows, columns} of a case: of {@link #counts}, or the one that its size names. */
  static List<int[]> of(Size size, boolean many) {
    if (!many) {
      return List.of(new int[] {size.get("rows"), size.get("columns")});
    }
    return IntStream.range(0, size.get("layers"))
        .mapToObj(l -> new int[] {rows(l), columns(l)})
        .toList();
  }

  /**
   * Sizes of a case that sums over each layer: the last has 261 blocks, of which a thread adds two.
   */
  static List<Size> sizesOfSums(boolean many) {
    if (many) {
      return counts();
    }
    List<Size> sizes = new ArrayList<>(UpdateCase.elementSizes());
    sizes.add(Size.of("rows", 2081, "columns", 33));
    return sizes;
  }

  /** Its shapes: of {@link #counts}, or three around the one that its size names. */
  static List<int[]> ofSums(Size size, boolean many) {
    if (many) {
      return of(size, true);
    }
    int rows = size.get("rows");
    int columns = size.get("columns");
    return List.of(
        new int[] {rows + 1, columns}, new int[] {rows, columns}, new int[] {rows, columns + 2});
  }

  /** Elements of all matrices of a case. */
  static double elements(Size size, boolean many) {
    return of(size, many).stream().mapToDouble(shape -> (double) shape[0] * shape[1]).sum();
  }

  /** Rows of {@code layer} where the first one has the case's own size. */
  static int rowsWith(Trial trial, int layer) {
    return layer == 0 ? trial.size("rows") : rows(layer);
  }

  /** Columns of {@code layer} where the first one has the case's own size. */
  static int columnsWith(Trial trial, int layer) {
    return layer == 0 ? trial.size("columns") : columns(layer);
  }

  /** Elements of all layers where the first one has the case's own size. */
  static double elementsWith(Size size) {
    double first = (double) size.get("rows") * size.get("columns");
    return first + elements(size.get("layers")) - elements(1);
  }

  /** Elements of the layers 0 … count − 1 together. */
  static double elements(int count) {
    double elements = 0;
    for (int l = 0; l < count; l++) {
      elements += (double) rows(l) * columns(l);
    }
    return elements;
  }
}
