package dev.krongauss.precondition;

/** Where the bias of a layer lies. */
public enum Bias {
  /**
   * In the weights, as that of one more input, the last, which is 1: the last column {@code
   * [out][in + 1]}, or with {@link WeightLayout#IN_OUT} the last row {@code [in + 1][out]}.
   */
  COLUMN,
  /**
   * A vector {@code [1][out]} of its own. Activations may then be given without their column of
   * ones, {@code [N][in]}.
   */
  SEPARATE,
  /** There is none: activations are {@code [N][in]}, without a column of ones. */
  NONE
}
