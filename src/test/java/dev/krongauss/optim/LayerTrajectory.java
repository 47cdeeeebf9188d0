package dev.krongauss.optim;

import static dev.krongauss.testing.Compare.bound;
import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.curvature.Method;
import dev.krongauss.device.Stream;
import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceCurvature;
import dev.krongauss.reference.ReferenceGaussNewton;
import dev.krongauss.reference.ReferenceLayerSteps;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.reference.ReferenceNetwork;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.DeviceBatch;
import dev.krongauss.testing.Problem;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;

/**
 * Follows {@link GaussNewton} with one step length a layer, as {@link Trajectory} does with one for
 * all: before every step the reference takes the device's weights and λ, and for the step lengths
 * the device's Δ. The average of the gradient and the factors are the reference's own throughout.
 */
final class LayerTrajectory implements AutoCloseable {
  private static final double C = TrajectoryBounds.C;
  private static final int PLAIN = 3;
  private static final double MU = 0.5;

  private final Stream s = TestDevice.get().stream();
  private final Problem problem;
  private final Method method;
  private final ReferenceGaussNewton.Settings settings;
  private final ReferenceGaussNewton reference;
  private final TrajectoryBounds bounds;
  private final GaussNewton optimizer;
  private final SampledTargets sampled;
  private final ReferenceKappa kappa;
  private double[][][] m;
  private double[][][] terms;
  private double[][][] scales;
  private double lambda;
  private int steps;

  LayerTrajectory(
      Problem problem,
      Method method,
      ReferenceGaussNewton.Settings settings,
      GaussNewton.Builder builder) {
    this.problem = problem;
    this.method = method;
    this.settings = settings;
    this.lambda = settings.lambda();
    this.reference = new ReferenceGaussNewton(settings, problem.referenceLoss());
    this.bounds = new TrajectoryBounds(problem, reference, settings.l2());
    this.sampled = new SampledTargets(problem);
    this.kappa = new ReferenceKappa(C * path() * Compare.EPSILON);
    this.optimizer =
        builder
            .lambda(settings.lambda())
            .leastLambda(settings.lambda() / 4)
            .l2(settings.l2())
            .decay(settings.decay())
            .refreshEvery(settings.refreshEvery())
            .reductionEvery(settings.reductionEvery())
            .averageIterates(settings.averageDecay())
            .seed(SampledTargets.SEED)
            .build(problem.network(), problem.loss());
  }

  /** Makes one step on a batch and compares everything that can be seen of it. */
  StepReport step(double[][] X, double[][] T, DeviceBatch batch) {
    steps++;
    ReferenceNetwork before = problem.reference();
    double[][] targets = method == Method.KFAC ? sampled.draw(steps, batch) : null;
    StepReport report = optimizer.step(batch);
    assertThat(report.accepted()).as(report::toString).isTrue();
    reference.lambda(lambda);
    double[][][] g = reference.direction(before, X, T, (c, l) -> factor(c, l, targets)).gradient();
    average(g, before.gradientScale(X, T, problem.referenceLoss()), before);
    double[][][] wanted = reference.solve(m);
    double[][][] delta = new double[g.length][][];
    for (int l = 0; l < g.length; l++) {
      float[] got = optimizer.direction().get(l).download(s);
      delta[l] = Algebra.matrix(got, g[l].length, g[l][0].length);
      double scale = Algebra.largest(scales[l]);
      Compare.matrix(
          name("Δ" + l), problem.seed(), wanted[l], got, bounds.direction(l, wanted[l], scale));
    }
    compareLengths(report, before, X, g, delta);
    compareRatio(report, before, X, T, delta);
    lambda = report.lambda();
    return report;
  }

  @Override
  public void close() {
    optimizer.close();
  }

  /** With KFAC, the last layer's factor is the expected Hessian. */
  private double[][] factor(ReferenceCurvature curvature, int l, double[][] targets) {
    boolean top = l + 1 == problem.setup().sizes().length - 1;
    return switch (method) {
      case KFAC -> top ? curvature.kflr(l) : curvature.kfac(l, targets);
      case KFLR -> curvature.kflr(l);
      case KFRA -> curvature.kfra(l);
    };
  }

  /**
   * m = ½ m + ½ g from the fourth accepted update on, g before; and what its roundings scale with.
   */
  private void average(double[][][] g, double[][][] absolute, ReferenceNetwork before) {
    double mu = steps > PLAIN ? MU : 0;
    terms = new double[g.length][][];
    double[][][] next = new double[g.length][][];
    double[][][] nextScales = new double[g.length][][];
    for (int l = 0; l < g.length; l++) {
      terms[l] =
          Algebra.combine(1, absolute[l], settings.l2(), Algebra.absolute(before.weights()[l]));
      next[l] = mu == 0 ? g[l] : Algebra.combine(mu, m[l], 1 - mu, g[l]);
      nextScales[l] = mu == 0 ? terms[l] : Algebra.combine(mu, scales[l], 1 - mu, terms[l]);
    }
    m = next;
    scales = nextScales;
  }

  private void compareLengths(
      StepReport report,
      ReferenceNetwork before,
      double[][] X,
      double[][][] g,
      double[][][] delta) {
    int L = delta.length;
    int outputs = before.weights()[L - 1].length;
    int varying = problem.referenceLoss() == ReferenceLoss.SQUARED ? 0 : outputs;
    double[][] rows =
        Arrays.stream(ReferenceLayerSteps.rows(X.length, varying))
            .mapToObj(n -> X[n])
            .toArray(double[][]::new);
    ReferenceCurvature exact = new ReferenceCurvature(before, rows, problem.referenceLoss());
    double[][] curvature = new double[L][L];
    double[] r = new double[L];
    double[] q = new double[L];
    double[] p = new double[L];
    for (int i = 0; i < L; i++) {
      r[i] = Algebra.dot(delta[i], g[i]);
      q[i] = Algebra.dot(delta[i], delta[i]);
      p[i] = -Algebra.dot(delta[i], m[i]);
      for (int j = 0; j <= i; j++) {
        curvature[i][j] = exact.bilinear(alone(delta, i), alone(delta, j));
        curvature[j][i] = curvature[i][j];
      }
    }
    kappa.follow(g, terms);
    Compare.scalar(name("kappa"), problem.seed(), kappa.value(), report.kappa(), kappa.bound());
    kappa.step(report.steps(), delta, g, terms);
    ReferenceLayerSteps wanted =
        new ReferenceLayerSteps(
            curvature, r, q, p, reference(lambda) + settings.l2(), report.kappa());
    LayerBounds errors =
        new LayerBounds(wanted, exact, delta, scales, curvature, C * path() * Compare.EPSILON);
    double[] got = report.steps();
    for (int l = 0; l < L; l++) {
      Compare.scalar(name("x" + l), problem.seed(), wanted.steps()[l], got[l], errors.length(l));
    }
    Compare.scalar(name("a"), problem.seed(), wanted.common(), report.alpha(), errors.common());
    Compare.scalar(
        name("M"),
        problem.seed(),
        wanted.predicted(),
        report.predictedChange(),
        errors.predicted());
    float[][] weights = problem.network().weights();
    for (int l = 0; l < L; l++) {
      double[][] W = Algebra.combine(1, before.weights()[l], got[l], delta[l]);
      double size = Algebra.largest(W) + Math.abs(got[l]) * Algebra.largest(delta[l]);
      Compare.matrix(name("W" + l), problem.seed(), W, weights[l], bound(1, 2, size));
    }
  }

  private void compareRatio(
      StepReport report, ReferenceNetwork before, double[][] X, double[][] T, double[][][] delta) {
    if (steps % settings.reductionEvery() != 0) {
      Compare.scalar(name("lambda"), problem.seed(), lambda, report.lambda(), 0);
      return;
    }
    double l2 = settings.l2();
    ReferenceNetwork after = problem.reference();
    double objective = before.loss(X, T, problem.referenceLoss()) + 0.5 * l2 * before.norm2();
    double now = after.loss(X, T, problem.referenceLoss()) + 0.5 * l2 * after.norm2();
    double ratio = (now - objective) / report.predictedChange();
    double scale = objective + problem.forwardScale(before) * bounds.largestOutputGradient();
    double error = bound(2 * C, path(), scale / Math.abs(report.predictedChange()));
    Compare.scalar(name("ratio"), problem.seed(), ratio, report.reductionRatio(), error);
    double fall = Math.pow(0.99, settings.reductionEvery());
    double grow = Math.pow(0.95, settings.reductionEvery());
    double got = report.reductionRatio();
    double next = got > 0.75 ? lambda * fall : got < 0.25 ? lambda / grow : lambda;
    next = Math.max(next, settings.lambda() / 4);
    Compare.scalar(name("lambda"), problem.seed(), next, report.lambda(), bound(2, 4, next));
  }

  private static double reference(double value) {
    return (float) value;
  }

  private static double[][][] alone(double[][][] delta, int layer) {
    double[][][] alone = new double[delta.length][][];
    for (int l = 0; l < delta.length; l++) {
      alone[l] = Algebra.scale(l == layer ? 1 : 0, delta[l]);
    }
    return alone;
  }

  private int path() {
    return problem.setup().path();
  }

  private String name(String what) {
    return what + " of step " + steps;
  }
}
