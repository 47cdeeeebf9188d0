package dev.krongauss.optim;

import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.model.LossFunction;

/**
 * Setters of {@link ExactGaussNewton.Builder}, apart so that the optimiser reads as its algorithm.
 */
abstract class ExactSetters<T extends ExactSetters<T>> extends DampedSetters<T> {
  private final ExactOptions options = new ExactOptions();

  ExactSetters() {}

  @Override
  ExactOptions options() {
    return options;
  }

  /**
   * Device memory of a training with these settings, known without a device; the budget does not
   * count.
   *
   * @param widths d_0 … d_L, inputs and units of each layer
   * @param N rows of a batch
   * @throws IllegalArgumentException if an option or the loss does not fit, there are no layers, or
   *     a number is not positive
   */
  public TrainingMemory memory(int[] widths, int N, LossFunction loss) {
    return TrainingMemory.ofExact(widths, N, loss, options.checked());
  }

  /** Where the step is solved; default {@link ExactSpace#SMALLER}. */
  public T space(ExactSpace value) {
    options.space = value;
    return self();
  }

  /**
   * Damps by λ diag(JᵀHJ + ηI), the scale of each weight, instead of λI: Marquardt's own. In
   * parameter space only.
   */
  public T marquardt() {
    options.marquardt = true;
    return self();
  }

  /**
   * Follows the geodesic: the step is Δ + ½ a, a the second derivative of the path along which the
   * outputs move straight on, where 2 ‖a‖ ≤ ¾ ‖Δ‖, else Δ. Off by default. It costs one more
   * solution with the same inverse, and saves updates where the way is a curved valley: few
   * datapoints, small residuals, small damping. The activations must be smooth.
   */
  public T geodesic() {
    options.geodesic = true;
    return self();
  }

  /**
   * The most corrections of the step by its residual, each a tangent, a backward pass and a product
   * with the inverse; default 6, at most 100. Those that are not needed leave at once; {@link
   * StepReport#solveError} tells what is left: with 6 below 1e-5 for λ from 1e-6 of the matrix on,
   * and where λ is less than a float's rounding of it, 6e-8, more of them help, 20 to 30.
   */
  public T refinements(int count) {
    options.refinements = count;
    return self();
  }

  /** Converged where ‖g‖ is at most this; default 1e-8. */
  public T gradientTolerance(double value) {
    options.gradientTolerance = (float) value;
    return self();
  }

  /** Converged where ‖Δ‖ ≤ value (‖θ‖ + value); default 1e-8. */
  public T stepTolerance(double value) {
    options.stepTolerance = (float) value;
    return self();
  }

  /**
   * Converged where the predicted change is at most this, relative to the objective; default 1e-10.
   * After 200 updates in a row whose predicted change was within the rounding of the objective,
   * 1e-6 of it, the next one of the kind is converged, too.
   */
  public T objectiveTolerance(double value) {
    options.objectiveTolerance = (float) value;
    return self();
  }

  /**
   * Device memory that the optimiser may take, in bytes; default 1 GiB. A batch that needs more is
   * refused before anything is allocated.
   */
  public T budget(long bytes) {
    options.budgetBytes = bytes;
    return self();
  }
}
