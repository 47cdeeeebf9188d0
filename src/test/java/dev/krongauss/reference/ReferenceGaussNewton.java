package dev.krongauss.reference;

/**
 * The update of KFRA, KFLR and KFAC with its state: moving averages, trace damping, inverses, exact
 * rescaling, momentum, the rule of λ and the average of the weights. It takes the weights of every
 * step from the caller, so that a test can follow a trajectory without its own rounding errors
 * growing along it.
 */
public final class ReferenceGaussNewton {
  /** The factor G of a layer for a batch. */
  public interface Curvature {
    double[][] G(ReferenceCurvature batch, int layer);
  }

  /**
   * Settings.
   *
   * @param gamma constant γ, or 0 for √(λ + η)
   * @param omega factor of λ per reduction step
   * @param momentum whether the update before has a weight μ
   * @param averageDecay greatest weight of the past in the average of the weights
   */
  public record Settings(
      double lambda,
      double gamma,
      double l2,
      double decay,
      boolean adaptLambda,
      boolean rescaling,
      int refreshEvery,
      int reductionEvery,
      double omega,
      boolean momentum,
      double averageDecay) {
    public Settings(
        double lambda,
        double gamma,
        double l2,
        double decay,
        boolean adaptLambda,
        boolean rescaling,
        int refreshEvery,
        int reductionEvery,
        double omega) {
      this(
          lambda,
          gamma,
          l2,
          decay,
          adaptLambda,
          rescaling,
          refreshEvery,
          reductionEvery,
          omega,
          false,
          0);
    }
  }

  /**
   * The first half of an update: g = ∇ + η W and Δ = −(G + γ/ω I)⁻¹ g (Q + ωγ I)⁻¹, with the γ of
   * the last refresh.
   */
  public record Direction(double gamma, double[][][] gradient, double[][][] delta) {}

  /**
   * The second half; {@code lambda} is that after the update, {@code update} αΔ + μV, {@code plane}
   * null where V has no say.
   */
  public record Step(
      double loss,
      double objective,
      double slope,
      double curvature,
      double alpha,
      double mu,
      double predicted,
      double ratio,
      double lambda,
      double[][][] update,
      ReferencePlane plane,
      ReferenceNetwork after) {}

  private final Settings settings;
  private final ReferenceLoss loss;
  private double lambda;
  private double gamma;
  private double ratio = Double.NaN;
  private int steps;
  private int entered;
  private double[][][] previous;
  private double[][][] average;
  private double[][][] Q;
  private double[][][] G;
  private double[][][] dampedQ;
  private double[][][] dampedG;

  public ReferenceGaussNewton(Settings settings, ReferenceLoss loss) {
    this.settings = settings;
    this.loss = loss;
    this.lambda = settings.lambda();
  }

  /** Moving averages Q of the layers. */
  public double[][][] Q() {
    return Q;
  }

  /** Moving averages G of the layers. */
  public double[][][] G() {
    return G;
  }

  /** Q + ωγ I of a layer, as last refreshed. */
  public double[][] dampedQ(int layer) {
    return dampedQ[layer];
  }

  /** G + γ/ω I of a layer, as last refreshed. */
  public double[][] dampedG(int layer) {
    return dampedG[layer];
  }

  /** Enters the batch, refreshes if it is time, and solves; the network is not changed. */
  public Direction direction(
      ReferenceNetwork network, double[][] X, double[][] T, Curvature method) {
    steps++;
    if ((steps - 1) % settings.refreshEvery() == 0) {
      gamma = settings.gamma() > 0 ? settings.gamma() : Math.sqrt(lambda + settings.l2());
      average(network, new ReferenceCurvature(network, X, loss), method);
      damp();
    }
    double[][][] g = network.gradient(X, T, loss);
    for (int l = 0; l < g.length; l++) {
      g[l] = Algebra.combine(1, g[l], settings.l2(), network.weights()[l]);
    }
    return new Direction(gamma, g, solve(g));
  }

  /** −(G + γ/ω I)⁻¹ m (Q + ωγ I)⁻¹ of every layer, with the inverses of the last refresh. */
  public double[][][] solve(double[][][] m) {
    double[][][] delta = new double[m.length][][];
    for (int l = 0; l < m.length; l++) {
      double[][] left = Algebra.multiply(Algebra.inverse(dampedG[l]), m[l]);
      delta[l] = Algebra.scale(-1, Algebra.multiply(left, Algebra.inverse(dampedQ[l])));
    }
    return delta;
  }

  /** Takes λ, that of the code under test, for the next update. */
  public void lambda(double value) {
    lambda = value;
  }

  /**
   * Rescales a direction, moves along it, and along the update before, and adapts λ.
   *
   * @param delta the direction: {@link #direction}'s, or the one of the code under test
   */
  public Step finish(
      ReferenceNetwork network,
      double[][] X,
      double[][] T,
      double[][][] gradient,
      double[][][] delta) {
    double eta = settings.l2();
    ReferenceCurvature exact = new ReferenceCurvature(network, X, loss);
    double slope = dot(delta, gradient);
    double curvature = exact.quadratic(delta);
    double q = curvature + (lambda + eta) * dot(delta, delta);
    double alpha = settings.rescaling() ? -slope / q : 1;
    double mu = 0;
    double predicted = alpha * slope + 0.5 * alpha * alpha * q;
    ReferencePlane plane = previous == null ? null : plane(exact, delta, gradient);
    if (plane != null && plane.usable()) {
      alpha = plane.minimum()[0];
      mu = plane.minimum()[1];
      predicted = 0.5 * (alpha * slope + mu * plane.slopes()[1]);
    }
    double before = network.loss(X, T, loss);
    double objective = before + 0.5 * eta * network.norm2();
    double[][][] update = combine(alpha, delta, mu, previous == null ? delta : previous);
    ReferenceNetwork after = network.moved(1, update);
    if (settings.adaptLambda() && steps % settings.reductionEvery() == 0) {
      double newObjective = after.loss(X, T, loss) + 0.5 * eta * after.norm2();
      ratio = (newObjective - objective) / predicted;
      boolean rounding = Math.abs(predicted) <= 1e-6 * objective;
      if (!rounding && ratio > 0.75) {
        lambda = lambda * settings.omega();
      } else if (!rounding && !(ratio >= 0.25)) {
        lambda = lambda / settings.omega();
      }
    }
    return new Step(
        before,
        objective,
        slope,
        curvature,
        alpha,
        mu,
        predicted,
        ratio,
        lambda,
        update,
        plane != null && plane.usable() ? plane : null,
        after);
  }

  /** Takes an update, the code under test's, as the one before the next; for momentum. */
  public void previous(double[][][] update) {
    previous = update;
  }

  /** Enters the weights after an update into their average, and gives that. */
  public double[][][] average(double[][][] weights) {
    double xi = Math.min(1 - 1.0 / steps, settings.averageDecay());
    average = steps == 1 ? weights : combine(xi, average, 1 - xi, weights);
    return average;
  }

  /** The quadratic model in the plane of a direction and the update before. */
  private ReferencePlane plane(
      ReferenceCurvature exact, double[][][] delta, double[][][] gradient) {
    double damping = lambda + settings.l2();
    double mixed = exact.bilinear(delta, previous) + damping * dot(delta, previous);
    double[][] q = {
      {exact.quadratic(delta) + damping * dot(delta, delta), mixed},
      {mixed, exact.quadratic(previous) + damping * dot(previous, previous)}
    };
    return new ReferencePlane(q, new double[] {dot(delta, gradient), dot(previous, gradient)});
  }

  /** Σ_l ⟨Δ_l, G_l Δ_l Q_l⟩ with the moving averages. */
  public double modelled(double[][][] delta) {
    double sum = 0;
    for (int l = 0; l < delta.length; l++) {
      sum += Algebra.dot(delta[l], Algebra.multiply(Algebra.multiply(G[l], delta[l]), Q[l]));
    }
    return sum;
  }

  private static double dot(double[][][] a, double[][][] b) {
    double sum = 0;
    for (int l = 0; l < a.length; l++) {
      sum += Algebra.dot(a[l], b[l]);
    }
    return sum;
  }

  private static double[][][] combine(double x, double[][][] a, double y, double[][][] b) {
    double[][][] sum = new double[a.length][][];
    for (int l = 0; l < a.length; l++) {
      sum[l] = Algebra.combine(x, a[l], y, b[l]);
    }
    return sum;
  }

  private void average(ReferenceNetwork network, ReferenceCurvature batch, Curvature method) {
    entered++;
    double beta = Math.min(1 - 1.0 / entered, settings.decay());
    if (entered == 1) {
      Q = new double[network.layers()][][];
      G = new double[network.layers()][][];
    }
    for (int l = 0; l < network.layers(); l++) {
      double[][] batchQ = batch.Q(l);
      double[][] batchG = method.G(batch, l);
      Q[l] = entered == 1 ? batchQ : Algebra.combine(beta, Q[l], 1 - beta, batchQ);
      G[l] = entered == 1 ? batchG : Algebra.combine(beta, G[l], 1 - beta, batchG);
    }
  }

  private void damp() {
    dampedQ = new double[Q.length][][];
    dampedG = new double[Q.length][][];
    for (int l = 0; l < Q.length; l++) {
      double omega = omega(Q[l], G[l]);
      dampedQ[l] = Algebra.combine(1, Q[l], omega * gamma, Algebra.identity(Q[l].length));
      dampedG[l] = Algebra.combine(1, G[l], gamma / omega, Algebra.identity(G[l].length));
    }
  }

  /** ω = √((tr Q / dim Q) / (tr G / dim G)); 1 if a trace is 0. */
  public static double omega(double[][] Q, double[][] G) {
    double ratio = (Algebra.trace(Q) / Q.length) / (Algebra.trace(G) / G.length);
    return ratio > 0 && ratio < Double.POSITIVE_INFINITY ? Math.sqrt(ratio) : 1;
  }
}
