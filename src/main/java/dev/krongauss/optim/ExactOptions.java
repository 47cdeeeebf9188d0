package dev.krongauss.optim;

import dev.krongauss.curvature.ExactMemory;
import dev.krongauss.curvature.ExactSpace;
import dev.krongauss.device.Check;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.ControlExact;
import dev.krongauss.kernel.RootSpace;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Losses;
import dev.krongauss.model.Model;
import java.util.Arrays;
import java.util.Locale;

/** Settings of {@link ExactGaussNewton}, with the one set of defaults. */
final class ExactOptions extends DampedOptions {
  /** What an update may be made of; more than a step in double can take. */
  private static final int MOST_REFINEMENTS = 100;

  float greatestLambda = 1e10f;
  ExactSpace space = ExactSpace.SMALLER;
  int refinements = 6;
  boolean marquardt;
  boolean geodesic;
  float gradientTolerance = 1e-8f;
  float stepTolerance = 1e-8f;
  float objectiveTolerance = 1e-10f;

  ExactOptions() {
    lambda = 1e-3f;
    leastLambda = 1e-10f;
    budgetBytes = 1L << 30;
  }

  /** A copy that no later call of a builder changes. */
  ExactOptions checked() {
    return ((ExactOptions) copy()).check();
  }

  /** The scalar block before the first update. */
  float[] scalars() {
    float[] initial = Scalars.blank();
    initial[Control.LAMBDA] = lambda;
    initial[ControlExact.GROWTH] = 2;
    return initial;
  }

  ControlExact.Tolerances tolerances() {
    return new ControlExact.Tolerances(gradientTolerance, stepTolerance, objectiveTolerance);
  }

  /** What the objective goes by. */
  GaussNewtonOptions objective() {
    GaussNewtonOptions of = new GaussNewtonOptions();
    of.l2 = l2;
    return of;
  }

  /**
   * Fails where the loss does not give what the exact step starts with. Coupled rows are solved for
   * in parameter space.
   */
  void checkLoss(LossFunction loss, int outputs) {
    int K = loss.rank(outputs);
    if (split().cut()) {
      Losses.checkSingleRows(loss, "exact() with chunks(...) or ranks(...)");
    }
    if (loss.stack() > 1) {
      Check.that(
          space != ExactSpace.SAMPLE,
          "loss '%s' couples %d rows of a batch, and sample space takes each row for a datapoint of"
              + " its own; leave the space out, or solve in parameter space",
          loss.name(),
          loss.stack());
      space = ExactSpace.PARAMETER;
    }
    Check.that(
        K > 0,
        "exact() needs a square root of each datapoint's curvature, which loss '%s' does not give;"
            + " use kfra(), or give the loss one",
        loss.name());
    Check.that(
        space != ExactSpace.SAMPLE || K <= RootSpace.MOST_ROOTS,
        "loss '%s' has %d residuals a datapoint, and sample space takes at most %d; leave the space"
            + " out, or solve in parameter space",
        loss.name(),
        K,
        RootSpace.MOST_ROOTS);
  }

  /** Fails where steps cannot follow the geodesic. */
  void checkModel(Model model) {
    String kinks = geodesic ? model.notSmooth() : "";
    Check.that(
        kinks.isEmpty(),
        "geodesic() needs outputs that are twice differentiable in the weights, and %s; leave it out,"
            + " or take tanh, logistic or softplus",
        kinks);
  }

  /** Fails where a batch needs more than the budget. */
  void checkMemory(int[] widths, int N, int K, int stack) {
    long bytes = memory(widths, N, K, stack);
    Check.that(
        bytes <= budgetBytes,
        "exact() for %,d datapoints of %d residuals and %,d weights (layers %s) needs %s in %s space,"
            + " and its budget is %s; take a smaller batch, a larger budget(...), or kflr() or kfra()",
        N / stack,
        K,
        ExactMemory.parameters(widths),
        Arrays.toString(widths),
        TrainingMemory.mebibytes(bytes),
        space.of(N, K, ExactMemory.parameters(widths)).name().toLowerCase(Locale.ROOT),
        TrainingMemory.mebibytes(budgetBytes));
  }

  /** Bytes of device memory for batches of N rows. */
  long memory(int[] widths, int N, int K, int stack) {
    long whole = ExactMemory.ofOptimizer(space, widths, N, K, stack, geodesic);
    return split().cut() ? whole + ofChunks(ExactMemory.parameters(widths)) : whole;
  }

  /** Matrices and vectors of chunks, and with other ranks the packed sum and half of another. */
  private long ofChunks(long P) {
    Chunks chunks = split();
    double matrix = 4.0 * P * (P + 32);
    double packed = chunks.size() == 1 ? 0 : 0.75 * matrix;
    return (long) (chunks.own() * matrix + packed + 8.0 * P * chunks.count());
  }

  private ExactOptions check() {
    if (split().cut()) {
      Check.that(
          space != ExactSpace.SAMPLE,
          "sample space couples all rows of a batch, which chunks(...) and ranks(...) cut; leave"
              + " them out, or solve in parameter space");
      space = ExactSpace.PARAMETER;
    }
    checkDamping("1e-10");
    Check.that(
        !marquardt || space != ExactSpace.SAMPLE,
        "marquardt() damps by the diagonal of the weights' matrix, which sample space does not have;"
            + " leave out one of the two");
    space = marquardt ? ExactSpace.PARAMETER : space;
    Check.that(
        refinements >= 0 && refinements <= MOST_REFINEMENTS,
        "%,d refinements; 0 to %d are possible, each of them is a part of the captured update",
        refinements,
        MOST_REFINEMENTS);
    tolerance(gradientTolerance, "gradientTolerance");
    tolerance(stepTolerance, "stepTolerance");
    tolerance(objectiveTolerance, "objectiveTolerance");
    Check.that(budgetBytes > 0, "a budget of %,d bytes; it must be positive", budgetBytes);
    return this;
  }

  private static void tolerance(float value, String name) {
    Check.that(
        value >= 0 && Float.isFinite(value),
        "%s %s must be at least 0 and finite, for example 1e-8; 0 leaves the test out",
        name,
        value);
  }
}
