package dev.krongauss.kernel;

import java.util.List;

/** Ways to make column k of a positive definite matrix the first one that fails. */
enum Flaw {
  NEGATIVE_PIVOT,
  ZERO_PIVOT,
  NAN_PIVOT,
  INFINITE_PIVOT,
  NAN_BELOW_DIAGONAL,
  INFINITE_BELOW_DIAGONAL,
  RANK;

  /** Puts the flaw into a matrix. */
  void into(Host A, int k) {
    switch (this) {
      case NEGATIVE_PIVOT -> A.set(k, k, -A.get(k, k));
      case ZERO_PIVOT -> row(A, k, 0);
      case NAN_PIVOT -> A.set(k, k, Float.NaN);
      case INFINITE_PIVOT -> A.set(k, k, Float.POSITIVE_INFINITY);
      case NAN_BELOW_DIAGONAL -> A.set(k, 0, Float.NaN);
      case INFINITE_BELOW_DIAGONAL -> A.set(k, 0, Float.NEGATIVE_INFINITY);
      case RANK -> { // rows 0 and k alike: exactly singular, as the eliminated numbers are equal
        row(A, 0, 0);
        row(A, k, 0);
        for (int i = k + 1; i < A.rows(); i++) {
          A.set(i, 0, 0);
          A.set(i, k, 0);
        }
        A.set(0, 0, 4);
        A.set(k, 0, 4);
        A.set(k, k, 4);
      }
      default -> throw new IllegalStateException(name());
    }
  }

  private static void row(Host A, int k, float value) {
    for (int j = 0; j <= k; j++) {
      A.set(k, j, value);
    }
  }

  /** Columns at the edges of tiles and inside: of n, the column k from 0. */
  static List<Size> sizes() {
    return List.of(
        Size.of("n", 2, "k", 1),
        Size.of("n", 64, "k", 63),
        Size.of("n", 70, "k", 1),
        Size.of("n", 131, "k", 64),
        Size.of("n", 131, "k", 100),
        Size.of("n", 131, "k", 130));
  }
}
