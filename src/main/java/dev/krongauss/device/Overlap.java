package dev.krongauss.device;

/** Whether two views of the same shape have elements in common. */
final class Overlap {
  private Overlap() {}

  /** Only views whose ranges of addresses meet are looked at row by row. */
  static boolean of(Matrix a, Matrix b) {
    if (end(a) <= b.pointer() || end(b) <= a.pointer()) {
      return false;
    }
    long ahead = (b.pointer() - a.pointer()) / Float.BYTES;
    for (int i = 0; i < a.rows(); i++) {
      long row = (long) i * a.stride() - ahead; // of a, from b's first element
      long next = Math.max(0, Math.floorDiv(row - b.columns(), b.stride()) + 1);
      if (next < b.rows() && next * b.stride() < row + a.columns()) {
        return true;
      }
    }
    return false;
  }

  private static long end(Matrix m) {
    return m.pointer() + Float.BYTES * ((m.rows() - 1L) * m.stride() + m.columns());
  }
}
