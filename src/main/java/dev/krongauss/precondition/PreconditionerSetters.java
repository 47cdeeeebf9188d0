package dev.krongauss.precondition;

import dev.krongauss.dist.Collective;
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

  /**
   * The weights of the layer added last are applied at T positions of a datapoint, so that a batch
   * has N T rows. {@link Preconditioner#accumulate} takes them as N datapoints of this T; {@link
   * Preconditioner#positions} with a T of the batch's own, padding, or a part of the rows.
   *
   * @throws IllegalArgumentException if T is less than 1, or the layer is none that is shared so
   */
  public T shared(int positions, Sharing sharing) {
    options.shared(positions, sharing);
    return self();
  }

  /**
   * How the weights of the dense layer added last lie in memory, for {@link Preconditioner#weights}
   * and callers on the heap; without it {@link WeightLayout#OUT_IN} with {@link Bias#COLUMN}, or
   * none where no activation is a 1.
   *
   * @throws IllegalArgumentException if the layer is no dense one
   */
  public T layout(WeightLayout layout, Bias bias) {
    options.layout(layout, bias);
    return self();
  }

  /**
   * Adds an embedding, a table {@code [rows][units]} of which each position looks up a row. Its
   * gradients and directions have the table's shape; the factor of the rows is diagonal, and the
   * solve scales them. Batches enter by {@link PositionStatistics#embedding}.
   *
   * @param rows of the table, below 2²⁴
   * @param units columns of the table
   */
  public T embedding(int rows, int units) {
    options.embedding(rows, units);
    return self();
  }

  /**
   * Adds the scale and the shift of a normalisation, 2 d parameters {@code [2 d][1]}, the scale
   * first. Their block is the second moment of their gradients: whole, and so exact as that of
   * sampled targets is, up to 1024 parameters, else its diagonal. Batches enter by {@link
   * PositionStatistics#scale}. Source: the blocks ScaleAndShiftFull and ScaleAndShiftDiagonal of
   * kfac-jax.
   */
  public T scaleAndShift(int d) {
    options.elementwise(LayerSpec.Kind.SCALE_AND_SHIFT, d);
    return self();
  }

  /** Adds a scale alone, {@code [d][1]}, as of RMS normalisation; see {@link #scaleAndShift}. */
  public T scale(int d) {
    options.elementwise(LayerSpec.Kind.SCALE, d);
    return self();
  }

  /**
   * Adds a shift alone, {@code [d][1]}, a bias that belongs to no weights; see {@link
   * #scaleAndShift}. Batches enter by {@link PositionStatistics#shift}.
   */
  public T shift(int d) {
    options.elementwise(LayerSpec.Kind.SHIFT, d);
    return self();
  }

  /**
   * Says that parameters are not covered: {@link Preconditioner#report} lists them, as those that
   * the caller updates by a rule of their own.
   *
   * @throws IllegalArgumentException if there are none
   */
  public T uncovered(String name, long parameters) {
    options.uncovered(name, parameters);
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
   *
   * @throws IllegalArgumentException if the address is 0 or no multiple of 4
   */
  public T gammaAt(long devicePointer) {
    options.gammaPointer = PreconditionerOptions.checked(devicePointer, "gammaAt");
    return self();
  }

  /**
   * Forgets the averages' past whenever this device int is positive as a batch is entered; the
   * caller's, and there as long as a batch may be entered.
   *
   * @throws IllegalArgumentException if the address is 0 or no multiple of 4
   */
  public T restartAt(long devicePointer) {
    options.restartPointer = PreconditionerOptions.checked(devicePointer, "restartAt");
    return self();
  }

  /**
   * Shares work out over ranks that have the same layers, enter the same batches and apply to the
   * same gradients: each inverts some factors and gets the others' inverses, and solves for some
   * layers and gets the others' directions, so that all have the same, bit for bit. {@link
   * Preconditioner#refresh} and {@link Preconditioner#apply(List, List, Stream)} then wait for all
   * ranks, and cannot be captured. The group stays the caller's.
   */
  public T ranks(Collective group) {
    options.ranks = group;
    return self();
  }

  /**
   * Shards the state: the layers added here are this rank's own, of all that the owners have, and
   * so are the batches, gradients and directions that it is given. {@link Preconditioner#refresh}
   * waits for all ranks, since a rung of dampings is everybody's, and so are {@link
   * Preconditioner#rungs} and {@link Preconditioner#traces}, of all layers.
   */
  public T owners(LayerOwners owners) {
    options.owners = owners;
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
