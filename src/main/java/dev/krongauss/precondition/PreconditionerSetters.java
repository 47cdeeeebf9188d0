package dev.krongauss.precondition;

import dev.krongauss.kernel.operations.Operations;

/** Settings of the builder, apart so that {@link Preconditioner} reads as what it does. */
abstract class PreconditionerSetters<T extends PreconditionerSetters<T>> {
  private final PreconditionerOptions options = new PreconditionerOptions();

  PreconditionerSetters() {}

  PreconditionerOptions options() {
    return options;
  }

  @SuppressWarnings("unchecked")
  private T self() {
    return (T) this;
  }

  /**
   * Adds a layer.
   *
   * @param activations columns of its activations, the homogeneous 1 included: d_{l-1} + 1
   * @param units d_l
   */
  public T layer(int activations, int units) {
    options.layer(activations, units, false);
    return self();
  }

  /**
   * Adds a layer whose G is diagonal, as that of a last layer is under a loss that its outputs
   * enter one by one: squared, Bernoulli. G and its inverse are d_l floats, and nothing is
   * factorised.
   *
   * @param activations as for {@link #layer}
   * @param units d_l
   * @see Preconditioner#accumulateCurvatureDiagonal
   */
  public T diagonalLayer(int activations, int units) {
    options.layer(activations, units, true);
    return self();
  }

  /** γ of the factors, √(λ + η); default √1e-3. */
  public T gamma(double value) {
    options.gamma(value);
    return self();
  }

  /**
   * Takes γ from a device float that the caller changes, instead of a constant; the caller's, and
   * there as long as a refresh or a graph of one may run.
   */
  public T gammaAt(long devicePointer) {
    options.gammaPointer = devicePointer;
    return self();
  }

  /**
   * Forgets the averages' past whenever this device int is positive as a batch is entered; the
   * caller's, and there as long as a batch may be entered.
   */
  public T restartAt(long devicePointer) {
    options.restartPointer = devicePointer;
    return self();
  }

  /** Largest weight of the moving averages' past; 0 for none, default 0.9. */
  public T decay(double value) {
    options.decay = (float) value;
    return self();
  }

  /** Forces the kernels or the libraries. */
  public T operations(Operations.Mode operationsMode) {
    options.mode = operationsMode;
    return self();
  }
}
