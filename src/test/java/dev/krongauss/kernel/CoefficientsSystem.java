package dev.krongauss.kernel;

/** A system of the layers' coefficients in double, as {@code coefficients.cu} defines it. */
final class CoefficientsSystem {
  private static final double RIDGE = 1e-6;
  private static final double DOUBLE_EPSILON = 0x1p-53;

  private final int L;
  private final Host C;
  private final float[] measures;
  private final float eta;
  private float lambda;
  private float kappa;
  private boolean damped = true;

  private CoefficientsSystem(
      int L, Host C, float[] measures, float lambda, float eta, float kappa) {
    this.L = L;
    this.C = C;
    this.measures = measures;
    this.lambda = lambda;
    this.eta = eta;
    this.kappa = kappa;
  }

  /** Directions of very different lengths; above its diagonal C is NaN, and must not be read. */
  static CoefficientsSystem random(Trial trial, int L, float lambda, float eta, float kappa) {
    int dimension = L + 3;
    Host V = trial.random(L, dimension);
    float[] scale = new float[L];
    float[] measures = new float[3 * L];
    for (int l = 0; l < L; l++) {
      scale[l] = (float) Math.pow(10, l % 5 - 2);
      measures[l] = -scale[l] * (float) trial.random().nextDouble(0.1, 1);
      measures[L + l] = scale[l] * scale[l] * (float) trial.random().nextDouble(1, 20);
      measures[2 * L + l] = scale[l] * (float) trial.random().nextDouble(-0.3, 1);
    }
    Host C =
        Host.of(
            L,
            L,
            (i, j) -> {
              double sum = 0;
              for (int c = 0; c < dimension; c++) {
                sum += V.at(i, c) * V.at(j, c);
              }
              return j > i ? Double.NaN : sum / dimension * scale[i] * scale[j];
            });
    return new CoefficientsSystem(L, C, measures, lambda, eta, kappa);
  }

  int L() {
    return L;
  }

  Host C() {
    return C;
  }

  /** {@code [3][L]}: r, q, p. */
  float[] measures() {
    return measures;
  }

  float lambda() {
    return lambda;
  }

  float eta() {
    return damped ? eta : 0;
  }

  float kappa() {
    return kappa;
  }

  void setLambda(float value) {
    lambda = value;
  }

  void setKappa(float value) {
    kappa = value;
  }

  /** λ + η = 0. */
  void undamp() {
    lambda = 0;
    damped = false;
  }

  /** The layer's direction becomes 0. */
  void clear(int k) {
    for (int j = 0; j < L; j++) {
      C.set(Math.max(j, k), Math.min(j, k), 0);
    }
    for (int m = 0; m < 3; m++) {
      measures[m * L + k] = 0;
    }
  }

  /** Layer {@code to} becomes the same as a layer before it. */
  void copy(int from, int to) {
    for (int j = 0; j < L; j++) {
      if (j != to) {
        C.set(Math.max(j, to), Math.min(j, to), lower(from, j));
      }
    }
    C.set(to, to, lower(from, from));
    for (int m = 0; m < 3; m++) {
      measures[m * L + to] = measures[m * L + from];
    }
  }

  private float lower(int i, int j) {
    return C.get(Math.max(i, j), Math.min(i, j));
  }

  /** C + (λ + η) diag(q). */
  double A(int i, int j) {
    double damping = (double) lambda + eta();
    return lower(i, j) + (i == j ? damping * measures[L + i] : 0);
  }

  /** The common step; the shares of the header where a sum cancels. */
  private double a() {
    double r = 0;
    double magnitude = 0;
    double sum = 0;
    double trace = 0;
    for (int i = 0; i < L; i++) {
      r += measures[i];
      magnitude += Math.abs(measures[i]);
      trace += A(i, i);
      for (int j = 0; j < L; j++) {
        sum += A(i, j);
      }
    }
    return Math.max(Math.abs(r), 1e-6 * magnitude) / Math.max(Math.abs(sum), 1e-6 * trace);
  }

  private double M(int i, int j, double a) {
    return A(i, j) + (i == j ? kappa / a * Math.max(measures[2 * L + i], 0) : 0);
  }

  /** (M + 1e-6 diag(M)) x + r. */
  Host residual(Host x) {
    double a = a();
    double[] sums = new double[L];
    for (int i = 0; i < L; i++) {
      sums[i] = measures[i];
      for (int j = 0; j < L; j++) {
        sums[i] += (i == j ? 1 + RIDGE : 1) * M(i, j, a) * x.at(0, j);
      }
    }
    return Host.of(1, L, (i, l) -> sums[l]);
  }

  /** x is rounded once, the rest is that of a factorisation in double. */
  Wanted bound(Host x, int i) {
    double a = a();
    double rounding = 0;
    double lengths = 0;
    for (int j = 0; j < L; j++) {
      rounding += Math.abs(M(i, j, a) * x.at(0, j));
      lengths += Math.sqrt(M(j, j, a)) * Math.abs(x.at(0, j));
    }
    double factorisation = 8 * L * DOUBLE_EPSILON * Math.sqrt(M(i, i, a)) * lengths;
    return new Wanted(0, Wanted.EPSILON * (1 + RIDGE) * rounding + factorisation + Wanted.TINY);
  }

  /** The predicted change with these coefficients, or a: computed in double and rounded once. */
  Wanted common(Host x, int which) {
    if (which == 1) {
      return Wanted.within(a(), 1.001, a());
    }
    double value = 0;
    double magnitude = 0;
    for (int i = 0; i < L; i++) {
      value += x.at(0, i) * measures[i];
      magnitude += Math.abs(x.at(0, i) * measures[i]);
      for (int j = 0; j < L; j++) {
        double term = 0.5 * x.at(0, i) * A(i, j) * x.at(0, j);
        value += term;
        magnitude += Math.abs(term);
      }
    }
    double sums = 4 * L * DOUBLE_EPSILON * magnitude;
    return new Wanted(value, Wanted.EPSILON * Math.abs(value) + sums + Wanted.TINY);
  }
}
