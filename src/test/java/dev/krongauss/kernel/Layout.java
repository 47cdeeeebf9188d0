package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;

/**
 * How a matrix under test lies in memory. Matrices made one after the other lie differently, so
 * that a stride taken for another's shows.
 *
 * @param stride floats from row to row; in foreign layouts at least one is not the matrix'
 * @param offset floats of somebody else's before the first row and behind the last
 * @param foreign whether what is not the matrix' belongs to somebody else, or is the zero padding
 *     of our own layout
 */
record Layout(int stride, int offset, boolean foreign) {
  /** The layout of the {@code index}-th matrix of a trial. */
  static Layout of(KernelCase.Variant variant, int index, int columns) {
    int own = Matrix.paddedStride(columns);
    int wider = Matrix.paddedStride(columns + 1);
    int odd = ((columns + 1) | 1) + 2 * (index % 3);
    return switch (variant) {
      case MIXED, POSITIVE -> new Layout(own, 0, false);
      case FOREIGN ->
          switch (index % 3) {
            case 0 -> new Layout(odd, 1, true);
            case 1 -> new Layout(odd, 4, true);
            default -> new Layout(wider, 3, true);
          };
      case VIEW ->
          switch (index % 3) {
            case 0 -> new Layout(wider, 4, true);
            case 1 -> new Layout((columns + 4) / 4 * 4, 8, true);
            default -> new Layout(2 * wider + 4, 32, true);
          };
    };
  }
}
