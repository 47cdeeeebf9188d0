package dev.krongauss.diagnose;

/**
 * The arithmetic in which a trainer sums δ āᵀ, and how far such a sum may be from the exact one.
 *
 * <p>Of R products, u = 2⁻²⁴ the unit roundoff of FP32 and u′ that of the operands, a sum in any
 * order is wrong by at most
 *
 * <pre>
 * (R u + 6 u + 2 u′ + u′²) Σ|δ||ā|        {@link #worst}
 * </pre>
 *
 * : R − 1 additions and products that are rounded (N. J. Higham, "Accuracy and Stability of
 * Numerical Algorithms", 2002, section 3.1; six more for factors 1/N on the way and for δ itself),
 * and operands that are. Rounding errors mostly cancel: with probability above 1 − 2 R e⁻³², if
 * they are of mean zero and independent, R u is 8 √R u (N. J. Higham, T. Mary, "A New Approach to
 * Probabilistic Rounding Error Analysis", SIAM J. Sci. Comput. 41, 2019, theorem 2.4 with λ = 8),
 * {@link #likely}. A loop that adds row after row of nearly the same numbers can be between the
 * two.
 */
public enum Rounding {
  /** Products and sums in FP32. */
  FP32(0, 0),
  /** Products of operands cut to 11 bits, sums in FP32: tensor cores where TF32 is allowed. */
  TF32(0x1p-10, 0x1p-126),
  /** Operands and results of 11 bits, down to 2⁻²⁴; sums in FP32. */
  FP16(0x1p-11, 0x1p-25),
  /** Operands and results of 8 bits, sums in FP32. */
  BF16(0x1p-8, 0x1p-126);

  private static final double FP32_ROUNDOFF = 0x1p-24;
  private static final double FP32_TINY = 0x1p-126; // what is below may be flushed to zero
  private static final double SCALINGS = 6;
  private static final double LAMBDA = 8;

  private final double operand;
  private final double tiny;

  Rounding(double operand, double tiny) {
    this.operand = operand;
    this.tiny = tiny;
  }

  /**
   * What Σ|δ||ā| of a sum of R products is multiplied with for its largest error in any order.
   *
   * @param R number of products, at least 1
   */
  public double worst(int R) {
    return R * FP32_ROUNDOFF + inputs();
  }

  /**
   * The same for an error that is not exceeded if rounding errors are independent; never above
   * {@link #worst}.
   *
   * @param R number of products, at least 1
   */
  public double likely(int R) {
    return Math.min(R, LAMBDA * Math.sqrt(R)) * FP32_ROUNDOFF + inputs();
  }

  /** Relative error of a result as it is stored. */
  double stored() {
    return this == TF32 ? FP32_ROUNDOFF : operand + FP32_ROUNDOFF;
  }

  /** Absolute error of an operand that is near zero. */
  double tiny() {
    return Math.max(tiny, FP32_TINY);
  }

  private double inputs() {
    return SCALINGS * FP32_ROUNDOFF + 2 * operand + operand * operand;
  }
}
