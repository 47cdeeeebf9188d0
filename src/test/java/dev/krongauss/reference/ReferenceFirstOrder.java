package dev.krongauss.reference;

/** The textbook recursions of the first-order methods, element by element. */
public final class ReferenceFirstOrder {
  private final Rule rule;
  private final double learningRate;
  private final int halveEvery;
  private final double momentum;
  private double[][][] m;
  private double[][][] v;
  private int t;

  /** Which recursion. */
  public enum Rule {
    SGD,
    MOMENTUM,
    NESTEROV,
    ADAM
  }

  /**
   * @param halveEvery updates between halvings of the learning rate, 0 for none
   */
  public ReferenceFirstOrder(Rule rule, double learningRate, int halveEvery, double momentum) {
    this.rule = rule;
    this.learningRate = learningRate;
    this.halveEvery = halveEvery;
    this.momentum = momentum;
  }

  /** Learning rate of the last step. */
  public double rate() {
    return halveEvery == 0
        ? learningRate
        : learningRate * Math.pow(0.5, Math.floorDiv(t - 1, halveEvery));
  }

  /** Adam's √v̂ of the last step: what its errors are divided by. */
  public double root(int layer, int i, int j) {
    return Math.sqrt(v[layer][i][j] / (1 - Math.pow(0.999, t)));
  }

  /** W after one step with gradient g. */
  public double[][][] step(double[][][] W, double[][][] g) {
    t++;
    if (t == 1) {
      m = zerosLike(g);
      v = zerosLike(g);
    }
    double[][][] next = zerosLike(W);
    for (int l = 0; l < W.length; l++) {
      for (int i = 0; i < W[l].length; i++) {
        for (int j = 0; j < W[l][i].length; j++) {
          next[l][i][j] = W[l][i][j] - rate() * change(l, i, j, g[l][i][j]);
        }
      }
    }
    return next;
  }

  private double change(int l, int i, int j, double g) {
    if (rule == Rule.SGD) {
      return g;
    }
    if (rule == Rule.ADAM) {
      m[l][i][j] = 0.9 * m[l][i][j] + (1 - 0.9) * g;
      v[l][i][j] = 0.999 * v[l][i][j] + (1 - 0.999) * g * g;
      return m[l][i][j] / (1 - Math.pow(0.9, t)) / (root(l, i, j) + 1e-8);
    }
    m[l][i][j] = momentum * m[l][i][j] + g;
    return rule == Rule.NESTEROV ? g + momentum * m[l][i][j] : m[l][i][j];
  }

  private static double[][][] zerosLike(double[][][] A) {
    double[][][] zeros = new double[A.length][][];
    for (int l = 0; l < A.length; l++) {
      zeros[l] = Algebra.zeros(A[l].length, A[l][0].length);
    }
    return zeros;
  }
}
