package dev.krongauss.optim;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.Stream;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceCurvature;
import dev.krongauss.reference.ReferenceGaussNewton;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;

/**
 * Follows {@link GaussNewton} step by step with the reference.
 *
 * <p>Before every step the reference takes the device's weights, and for rescaling and update it
 * takes the device's Δ: each comparison then sees the rounding of its own stage only, and equality
 * of the steps gives that of the trajectory. Moving averages, λ and γ are the reference's own
 * throughout.
 */
final class Trajectory implements AutoCloseable {
  private static final double C = TrajectoryBounds.C;

  private final Stream s = TestDevice.get().stream();
  private final Problem problem;
  private final Method method;
  private final ReferenceGaussNewton.Settings settings;
  private final ReferenceGaussNewton reference;
  private final TrajectoryBounds bounds;
  private final GaussNewton optimizer;
  private final SampledTargets sampled;
  private double[][][] previous;
  private double largestWeight;
  private int steps;

  Trajectory(
      Problem problem,
      Method method,
      ReferenceGaussNewton.Settings settings,
      GaussNewton.Builder builder) {
    this.problem = problem;
    this.method = method;
    this.settings = settings;
    this.reference = new ReferenceGaussNewton(settings, problem.referenceLoss());
    this.bounds = new TrajectoryBounds(problem, reference, settings.l2());
    this.sampled = new SampledTargets(problem);
    this.optimizer =
        builder
            .scalarStep()
            .lambda(settings.lambda())
            .l2(settings.l2())
            .decay(settings.decay())
            .adaptLambda(settings.adaptLambda())
            .rescaling(settings.rescaling())
            .refreshEvery(settings.refreshEvery())
            .reductionEvery(settings.reductionEvery())
            .momentum(settings.momentum())
            .averageIterates(settings.averageDecay())
            .diagnostics(true)
            .seed(SampledTargets.SEED)
            .build(problem.network(), problem.loss());
  }

  /** Makes one step on a batch and compares everything that can be seen of it. */
  StepReport step(double[][] X, double[][] T, DeviceBatch batch) {
    steps++;
    ReferenceNetwork before = problem.reference();
    double[][] targets = method == Method.KFAC ? sampled.draw(steps, batch) : null;
    StepReport report = optimizer.step(batch);
    ReferenceGaussNewton.Direction wanted =
        reference.direction(
            before,
            X,
            T,
            (curvature, l) ->
                switch (method) {
                  case KFAC -> curvature.kfac(l, targets);
                  case KFLR -> curvature.kflr(l);
                  case KFRA -> curvature.kfra(l);
                });
    double[][][] delta = new double[before.layers()][][];
    double[][][] terms = before.gradientScale(X, T, problem.referenceLoss());
    for (int l = 0; l < delta.length; l++) {
      compareFactors(l);
      float[] got = optimizer.direction().get(l).download(s);
      double[][] W = before.weights()[l];
      delta[l] = Algebra.matrix(got, W.length, W[0].length);
      double gradientScale = Algebra.largest(terms[l]) + settings.l2() * Algebra.largest(W);
      Compare.matrix(
          name("Δ" + l),
          seed(),
          wanted.delta()[l],
          got,
          bounds.direction(l, wanted.delta()[l], gradientScale));
    }
    ReferenceGaussNewton.Step step = reference.finish(before, X, T, wanted.gradient(), delta);
    compare(step, report, before, wanted, terms);
    compareCurvatures(report, before, X, delta);
    followUpdateAndAverage(step);
    assertThat(report.update()).isEqualTo(steps);
    assertThat(report.accepted()).as(report::toString).isTrue();
    return report;
  }

  @Override
  public void close() {
    optimizer.close();
  }

  private void compareFactors(int l) {
    double[][] Q = reference.Q()[l];
    double[][] G = reference.G()[l];
    Compare.lower(
        name("Q" + l),
        seed(),
        Q,
        optimizer.preconditioner().factors().Q(l).download(s),
        bound(C, path(), Algebra.largest(Q)));
    Compare.lower(
        name("G" + l),
        seed(),
        G,
        WholeFactor.of(optimizer.preconditioner().factors().G(l), s),
        bound(C, path(), Algebra.largest(G)));
  }

  private void compare(
      ReferenceGaussNewton.Step wanted,
      StepReport report,
      ReferenceNetwork before,
      ReferenceGaussNewton.Direction direction,
      double[][][] terms) {
    double lossScale =
        wanted.objective() + problem.forwardScale(before) * bounds.largestOutputGradient();
    double absoluteSlope = bounds.absoluteSlope(terms, direction.delta(), before);
    // α is a quotient of two sums; the slope's cancels, the curvature's is one of squares.
    double relative = absoluteSlope / Math.abs(wanted.slope()) + 1;
    TrajectoryBounds.Errors errors =
        wanted.plane() == null
            ? new TrajectoryBounds.Errors(
                bound(C, path(), relative * Math.abs(wanted.alpha())),
                0,
                bound(C, path(), 2 * relative * Math.abs(wanted.alpha() * wanted.slope())))
            : bounds.errors(wanted, absoluteSlope, bounds.absoluteSlope(terms, previous, before));
    Compare.scalar(name("loss"), seed(), wanted.loss(), report.loss(), bound(C, path(), lossScale));
    Compare.scalar(
        name("objective"),
        seed(),
        wanted.objective(),
        report.objective(),
        bound(C, path(), lossScale));
    Compare.scalar(name("alpha"), seed(), wanted.alpha(), report.alpha(), errors.alpha());
    Compare.scalar(name("mu"), seed(), wanted.mu(), report.mu(), errors.mu());
    double predicted = errors.predicted();
    Compare.scalar(name("M"), seed(), wanted.predicted(), report.predictedChange(), predicted);
    if (Double.isNaN(wanted.ratio())) {
      assertThat(report.reductionRatio()).isNaN();
    } else if (steps % settings.reductionEvery() == 0) {
      double bound =
          bound(2 * C, path(), lossScale / Math.abs(wanted.predicted()))
              + Math.abs(wanted.ratio()) * predicted / Math.abs(wanted.predicted());
      Compare.scalar(name("ratio"), seed(), wanted.ratio(), report.reductionRatio(), bound);
    }
    Compare.scalar(
        name("lambda"), seed(), wanted.lambda(), report.lambda(), bound(2, steps, wanted.lambda()));
    Compare.scalar(
        name("gamma"),
        seed(),
        direction.gamma(),
        report.gamma(),
        bound(2, steps + 2, direction.gamma()));
    float[][] weights = problem.network().weights();
    for (int l = 0; l < weights.length; l++) {
      double[][] W = wanted.after().weights()[l];
      double moved = Math.abs(wanted.alpha()) * Algebra.largest(direction.delta()[l]);
      double error = bound(1, 1, Algebra.largest(W)) + bound(C, path(), 2 * relative * moved);
      if (wanted.plane() != null) {
        double before2 = Algebra.largest(previous[l]);
        error =
            bound(1, 2, Algebra.largest(W) + moved + Math.abs(wanted.mu()) * before2)
                + errors.alpha() * Algebra.largest(direction.delta()[l])
                + errors.mu() * before2;
      }
      Compare.matrix(name("W" + l), seed(), W, weights[l], error);
      if (settings.momentum()) {
        float[] update = optimizer.previousUpdate().get(l).download(s);
        Compare.matrix(name("V" + l), seed(), wanted.update()[l], update, error);
      }
    }
  }

  /**
   * Curvatures along Δ. vᵀ H v with v = J Δ is a sum of squares, but v itself may cancel, over
   * layers and within one: an error δv of relative size e of its absolute terms changes it by 2 vᵀ
   * H δv + δvᵀ H δv, and δvᵀ H δv ≤ e² L Σ_l ‖Δ_l‖² tr C_ll.
   */
  private void compareCurvatures(
      StepReport report, ReferenceNetwork before, double[][] X, double[][][] delta) {
    ReferenceCurvature exact = new ReferenceCurvature(before, X, problem.referenceLoss());
    double blocks = 0;
    double terms = 0;
    for (int l = 0; l < delta.length; l++) {
      double[][][] alone = new double[delta.length][][];
      for (int k = 0; k < delta.length; k++) {
        alone[k] = Algebra.scale(k == l ? 1 : 0, delta[k]);
      }
      blocks += exact.quadratic(alone);
      terms += delta.length * Algebra.dot(delta[l], delta[l]) * exact.exactTrace(l);
    }
    double whole = exact.quadratic(delta);
    double e = C * path() * Compare.EPSILON;
    Compare.scalar(
        name("ΔᵀCΔ"),
        seed(),
        whole,
        report.exactCurvature(),
        2 * e * Math.sqrt(whole * terms) + e * e * terms + Float.MIN_NORMAL);
    Compare.scalar(
        name("blocks"),
        seed(),
        blocks,
        report.blockCurvature(),
        2 * e * Math.sqrt(blocks * terms) + e * e * terms + Float.MIN_NORMAL);
    double modelled = reference.modelled(delta);
    double norms = 0;
    for (int l = 0; l < delta.length; l++) {
      norms +=
          Algebra.rowSumNorm(reference.G()[l])
              * Algebra.rowSumNorm(reference.Q()[l])
              * Algebra.dot(delta[l], delta[l]);
    }
    Compare.scalar(
        name("modelled"), seed(), modelled, report.modelledCurvature(), bound(C, path(), norms));
  }

  /** The next step and the averages begin with the device's weights and update. */
  private void followUpdateAndAverage(ReferenceGaussNewton.Step step) {
    previous = step.update();
    if (settings.momentum()) {
      for (int l = 0; l < previous.length; l++) {
        float[] V = optimizer.previousUpdate().get(l).download(s);
        previous[l] = Algebra.matrix(V, previous[l].length, previous[l][0].length);
      }
      reference.previous(previous);
    }
    double[][][] average = reference.average(problem.reference().weights());
    for (int l = 0; l < average.length; l++) {
      largestWeight = Math.max(largestWeight, Algebra.largest(problem.reference().weights()[l]));
      // A step adds five roundings of at most the largest weight seen, and a difference's of twice.
      Compare.matrix(
          name("average" + l),
          seed(),
          average[l],
          optimizer.averagedParameters().get(l).download(s),
          bound(1, 10 * steps, largestWeight));
    }
  }

  private int path() {
    return problem.setup().path();
  }

  private long seed() {
    return problem.seed();
  }

  private String name(String what) {
    return what + " of step " + steps;
  }
}
