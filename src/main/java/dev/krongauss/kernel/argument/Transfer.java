package dev.krongauss.kernel.argument;

/** The transfer functions f of {@code kernels/activation.cuh}. */
public enum Transfer {
  /** f(h) = h. */
  IDENTITY,
  /** f(h) = tanh h. */
  TANH,
  /** f(h) = 1 / (1 + e^-h). */
  LOGISTIC,
  /** f(h) = max(h, 0), with f'(0) = 0. */
  RELU,
  /** f(h) = h for h &gt; 0, slope times h otherwise, with f'(0) = slope. */
  LEAKY_RELU,
  /** f(h) = log(1 + e^h). */
  SOFTPLUS;

  /** The code by which the kernels know the function: its place in this list. */
  public int code() {
    return ordinal();
  }
}
