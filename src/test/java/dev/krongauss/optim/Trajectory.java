package dev.krongauss.optim;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.reference.Algebra;
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
  private static final double C = 2;
  private static final long SEED = 9;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final Problem problem;
  private final Method method;
  private final ReferenceGaussNewton.Settings settings;
  private final ReferenceGaussNewton reference;
  private final GaussNewton optimizer;
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
    this.optimizer =
        builder
            .lambda(settings.lambda())
            .l2(settings.l2())
            .decay(settings.decay())
            .adaptLambda(settings.adaptLambda())
            .rescaling(settings.rescaling())
            .refreshEvery(settings.refreshEvery())
            .reductionEvery(settings.reductionEvery())
            .seed(SEED)
            .build(problem.network(), problem.loss());
  }

  /** Makes one step on a batch and compares everything that can be seen of it. */
  StepReport step(double[][] X, double[][] T, DeviceBatch batch) {
    steps++;
    ReferenceNetwork before = problem.reference();
    double[][] sampled = method == Method.KFAC ? sampled(batch) : null;
    StepReport report = optimizer.step(batch);
    ReferenceGaussNewton.Direction wanted =
        reference.direction(
            before,
            X,
            T,
            (curvature, l) ->
                switch (method) {
                  case KFAC -> curvature.kfac(l, sampled);
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
          directionBound(l, wanted.delta()[l], gradientScale));
    }
    ReferenceGaussNewton.Step step = reference.finish(before, X, T, wanted.gradient(), delta);
    compare(step, report, before, wanted, terms);
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
        optimizer.preconditioner().factors().G(l).download(s),
        bound(C, path(), Algebra.largest(G)));
  }

  /**
   * Forward error of Δ = −A⁻¹ g B⁻¹: (κ(A) + κ(B)) relative errors of factors and inversions, and
   * the gradient's own error through both inverses. Norms are row-sum norms, Δ's taken with all its
   * elements.
   */
  private double directionBound(int l, double[][] delta, double gradientScale) {
    double[][] A = reference.dampedG(l);
    double[][] B = reference.dampedQ(l);
    double norm = Math.sqrt(Algebra.dot(delta, delta));
    double throughInverses =
        Algebra.rowSumNorm(Algebra.inverse(A))
            * Algebra.rowSumNorm(Algebra.inverse(B))
            * gradientScale;
    return bound(C, path(), (Algebra.condition(A) + Algebra.condition(B)) * norm + throughInverses);
  }

  private void compare(
      ReferenceGaussNewton.Step wanted,
      StepReport report,
      ReferenceNetwork before,
      ReferenceGaussNewton.Direction direction,
      double[][][] terms) {
    double lossScale = wanted.objective() + problem.forwardScale(before) * largestOutputGradient();
    double absoluteSlope = 0;
    for (int l = 0; l < terms.length; l++) {
      double[][] D = direction.delta()[l];
      absoluteSlope +=
          Algebra.largest(terms[l]) * Algebra.rowSumNorm(flat(D))
              + settings.l2() * Math.sqrt(Algebra.dot(D, D) * before.norm2());
    }
    // α is a quotient of two sums; the slope's cancels, the curvature's is one of squares.
    double relative = absoluteSlope / Math.abs(wanted.slope()) + 1;
    Compare.scalar(name("loss"), seed(), wanted.loss(), report.loss(), bound(C, path(), lossScale));
    Compare.scalar(
        name("objective"),
        seed(),
        wanted.objective(),
        report.objective(),
        bound(C, path(), lossScale));
    Compare.scalar(
        name("alpha"),
        seed(),
        wanted.alpha(),
        report.alpha(),
        bound(C, path(), relative * Math.abs(wanted.alpha())));
    double predicted = bound(C, path(), 2 * relative * Math.abs(wanted.alpha() * wanted.slope()));
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
      Compare.matrix(name("W" + l), seed(), W, weights[l], error);
    }
  }

  /** ∂E/∂h at the targets that the optimiser is about to sample. */
  private double[][] sampled(DeviceBatch batch) {
    try (Arena arena = device.newArena("sampled")) {
      Buffer step = arena.ints(1, "step");
      step.uploadInts(new int[] {steps}, s);
      Matrix h = problem.network().forward(batch, s);
      Matrix gradient = arena.matrix(h.rows(), h.columns(), "sampled gradient");
      problem
          .loss()
          .on(device)
          .sampledGradient(h, batch.targets(), SEED, step.pointer(), gradient, s);
      return Algebra.matrix(gradient.download(s), h.rows(), h.columns());
    }
  }

  /**
   * Σ |∂E/∂h| of a datapoint: at most 2 for softmax, an output each for Bernoulli, and the residual
   * for squares.
   */
  private double largestOutputGradient() {
    ReferenceNetwork network = problem.reference();
    double most = network.outputs();
    for (int n = 0; n < problem.X().length; n++) {
      double[] gradient =
          problem
              .referenceLoss()
              .gradient(network.forward(problem.X()[n]).output(), problem.T()[n]);
      most = Math.max(most, Algebra.rowSumNorm(new double[][] {gradient}));
    }
    return most;
  }

  private static double[][] flat(double[][] A) {
    double[] row = new double[A.length * A[0].length];
    for (int i = 0; i < row.length; i++) {
      row[i] = A[i / A[0].length][i % A[0].length];
    }
    return new double[][] {row};
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
