package dev.krongauss.optim;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Control;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.precondition.LayerOwners;
import dev.krongauss.precondition.LayerRule;
import dev.krongauss.precondition.Preconditioner;
import java.util.List;

/** Settings of {@link GaussNewton}, with the one set of defaults. */
final class GaussNewtonOptions extends DampedOptions {
  /** Whether one step length for all layers comes from the whole batch: the paper's algorithm. */
  boolean scalarStep;

  /** Whether each rank keeps the factors of its own layers alone. */
  boolean shard;

  float gamma;
  boolean adaptGamma;
  float leastGamma;
  int gammaEvery = 20;
  // The paper's 0.9 an update, over the five updates from one refresh to the next.
  float decay = 0.6f;
  boolean adaptLambda = true;
  float greatestLambda = 1e8f;
  boolean rescaling = true;
  boolean momentum;
  boolean averages;
  float averageDecay = 0.99f;
  boolean diagnostics;
  Integer refreshEvery; // null for the rule's default, as with all boxed numbers here
  int reductionEvery = 10;
  long seed = 1;
  Boolean expectedTop;

  GaussNewtonOptions() {
    l2 = 1e-5f;
    budgetBytes = 256L << 20;
  }

  /** ω1 = (19/20)^T1: λ grows by 1/ω1. */
  float omega() {
    return LayerRule.omega(reductionEvery);
  }

  /** Factor of a λ that falls: ω1 with one step length, 0.99^T1 with one a layer. */
  float fall() {
    return scalarStep ? omega() : LayerRule.fall(reductionEvery);
  }

  /** ω2 = √(19/20)^T2. */
  float omega2() {
    return (float) Math.pow(19.0 / 20.0, 0.5 * gammaEvery);
  }

  /** The least γ that its rule may choose: where γ follows λ, that is where λ's floor leads. */
  float gammaFloor() {
    double least = leastGamma != 0 ? leastGamma : Math.sqrt(leastLambda + l2);
    return (float) Math.max(least, Math.sqrt(l2));
  }

  float gammaCeiling() {
    return (float) Math.max(gammaFloor(), Math.sqrt(greatestLambda + l2));
  }

  /** T3 as costs are reckoned with it. */
  int usualRefresh() {
    return refreshEvery == null ? LayerRule.REFRESH_EVERY : refreshEvery;
  }

  /** Whether γ = √(λ + η) at every update. */
  boolean gammaFollows() {
    return gamma == 0 && !adaptGamma;
  }

  /** Whether a rule, or the report, needs the exact curvature along Δ. */
  boolean curvature() {
    return rescaling || adaptLambda || adaptGamma || diagnostics;
  }

  /** What acceptance and step sizes go by. */
  Control.Rules rules() {
    return new Control.Rules(
        l2, 1 / omega(), greatestLambda, rescaling, momentum, adaptLambda, adaptGamma);
  }

  /** The scalar block before the first update. */
  float[] scalars() {
    float[] initial = scalarStep ? Scalars.blank() : LayerRule.blank();
    float following = (float) Math.sqrt(lambda + l2);
    initial[Control.LAMBDA] = lambda;
    initial[Control.GAMMA] = gamma != 0 ? gamma : following;
    if (adaptGamma) {
      initial[Control.GAMMA] = Math.max(following, gammaFloor());
    }
    return initial;
  }

  /**
   * Whether the factors keep G_L as its diagonal: where it is that of the mean Hessian and this is
   * diagonal. KFAC has it so only with {@link #expectedTop}.
   */
  boolean diagonalTop(LossFunction loss, Method method) {
    return loss.diagonalHessian() && (method != Method.KFAC || expectedTop);
  }

  /**
   * A preconditioner for the model's layers, its γ and its restarts those of the scalar block.
   *
   * @param diagonalTop whether G of the last layer is diagonal
   * @param owners of the layers, of which this rank's are added
   */
  Preconditioner preconditioner(
      Model model, Scalars scalars, boolean diagonalTop, LayerOwners owners) {
    Preconditioner.Builder builder =
        Preconditioner.on(model.device())
            .decay(decay)
            .gammaAt(scalars.at(Control.GAMMA))
            .restartAt(scalars.at(Control.REJECTED))
            .ranks(ranks)
            .owners(owners);
    if (mode != null) {
      builder.operations(mode);
    }
    List<Matrix> W = model.parameters();
    for (int l = owners.first(); l < owners.end(); l++) {
      int units = W.get(l).rows();
      if (diagonalTop && l == W.size() - 1) {
        builder.diagonalLayer(W.get(l).columns(), units);
      } else {
        builder.layer(W.get(l).columns(), units);
      }
    }
    return builder.build();
  }

  /** Who has the factors of which layers. */
  LayerOwners owners(List<Matrix> W, boolean diagonalTop) {
    if (!shard || split().size() == 1) {
      return LayerOwners.one(W.size());
    }
    int[] outputs = W.stream().mapToInt(Matrix::rows).toArray();
    int[] inputs = W.stream().mapToInt(Matrix::columns).toArray();
    return LayerOwners.of(ranks, outputs, inputs, diagonalTop, usualRefresh());
  }

  /** A copy with its defaults, which no later call of a builder changes. */
  GaussNewtonOptions checked() {
    return ((GaussNewtonOptions) copy()).check();
  }

  /** What of them the exact step has, too; its own defaults else. */
  ExactOptions exact() {
    ExactOptions of = new ExactOptions();
    of.l2 = l2;
    of.mostRejected = mostRejected;
    of.budgetBytes = budgetBytes;
    of.mode = mode;
    return of.checked();
  }

  private GaussNewtonOptions check() {
    takeDefaults();
    checkDamping("1e-3");
    checkRule();
    checkSplit();
    Check.that(
        gamma == 0 || (gamma > 0 && Float.isFinite(gamma)), "gamma %s must be positive", gamma);
    Check.that(decay >= 0 && decay < 1, "decay %s is outside of [0, 1); the paper uses 0.9", decay);
    Check.that(
        refreshEvery == null || refreshEvery >= 1,
        "refreshEvery %d must be at least 1",
        refreshEvery);
    Check.that(reductionEvery >= 1, "reductionEvery %d must be at least 1", reductionEvery);
    Check.that(gammaEvery >= 1, "gammaEvery %d must be at least 1", gammaEvery);
    Check.that(
        gamma == 0 || !adaptGamma,
        "gamma is a constant %s and adapted at once; leave out gamma(...) or adaptGamma(true)",
        gamma);
    Check.that(
        adaptGamma || leastGamma == 0,
        "leastGamma %s bounds a gamma that is not adapted; add adaptGamma(true) or leave it out",
        leastGamma);
    Check.that(
        rescaling || !momentum,
        "momentum needs step sizes from the quadratic model; leave out rescaling(false) or"
            + " momentum(true)");
    Check.that(
        averageDecay >= 0 && averageDecay < 1,
        "decay %s of the averaged weights is outside of [0, 1), for example 0.99",
        averageDecay);
    return this;
  }

  /**
   * Measured on MNIST and CURVES: with one step length progress falls below a λ of 1e-3, where the
   * factors' own error dominates; with one a layer λ falls from 5e-3 to 3e-4.
   */
  private void takeDefaults() {
    if (lambda == null) {
      lambda = scalarStep ? 1e-3f : LayerRule.LAMBDA;
    }
    if (leastLambda == null) {
      leastLambda = scalarStep ? 1e-3f : LayerRule.LEAST_LAMBDA;
    }
    if (refreshEvery == null && scalarStep) {
      refreshEvery = 5;
    }
    if (expectedTop == null) {
      expectedTop = !scalarStep;
    }
  }

  /** What belongs to the paper's algorithm alone. */
  private void checkRule() {
    ofScalarStep(momentum, "momentum(true)", "one step length a layer averages the gradient");
    ofScalarStep(!rescaling, "rescaling(false)", "step lengths a layer come from the curvature");
    Check.that(
        !shard || !scalarStep,
        "shard() shares out layers, each with a step length of its own, and scalarStep() has one"
            + " for all; leave one of them out");
    ofScalarStep(adaptGamma, "adaptGamma(true)", "with one step length a layer γ = √(λ + η)");
  }

  /** What needs a batch in one piece. */
  private void checkSplit() {
    if (split().cut()) {
      ofWhole(momentum, "momentum(true)");
      ofWhole(adaptGamma, "adaptGamma(true)");
      ofWhole(diagnostics, "diagnostics(true)");
    }
  }

  private static void ofWhole(boolean asked, String what) {
    Check.that(
        !asked,
        "%s goes by the batch as a whole, which chunks(...) and ranks(...) cut; leave one of them"
            + " out",
        what);
  }

  private void ofScalarStep(boolean asked, String what, String instead) {
    Check.that(
        scalarStep || !asked,
        "%s belongs to the paper's algorithm with one step length for all layers; add scalarStep(),"
            + " or leave it out: %s",
        what,
        instead);
  }
}
