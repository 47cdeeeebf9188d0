package dev.krongauss.reference;

/**
 * One step length a layer, in double and as it is written down: the quadratic model in the space of
 * the layers' directions, damped in the metric of the factors.
 */
public final class ReferenceLayerSteps {
  private static final double RIDGE = 1e-6;

  private final double[][] A;
  private final double[] r;
  private final double slopes;
  private final double sum;
  private final double[] diagonal;
  private final double[] x;

  /**
   * @param C [L][L], E[v_iᵀ H v_j] with v_j = J Δ_j
   * @param r ⟨Δ_l, g_l⟩
   * @param q ‖Δ_l‖²
   * @param p −⟨Δ_l, m_l⟩
   * @param damping λ + η
   */
  public ReferenceLayerSteps(
      double[][] C, double[] r, double[] q, double[] p, double damping, double kappa) {
    int L = r.length;
    this.r = r;
    this.A = new double[L][L];
    double total = 0;
    double slope = 0;
    for (int i = 0; i < L; i++) {
      slope += r[i];
      for (int j = 0; j < L; j++) {
        A[i][j] = C[i][j] + (i == j ? damping * q[i] : 0);
        total += A[i][j];
      }
    }
    this.slopes = Math.abs(slope);
    this.sum = total;
    this.diagonal = new double[L];
    double[][] scaled = new double[L][L];
    double[][] right = new double[L][1];
    for (int i = 0; i < L; i++) {
      diagonal[i] = A[i][i] + kappa / common() * Math.max(0, p[i]);
    }
    for (int i = 0; i < L; i++) {
      for (int j = 0; j < L; j++) {
        scaled[i][j] =
            i == j ? 1 + RIDGE : A[i][j] / Math.sqrt(diagonal[i]) / Math.sqrt(diagonal[j]);
      }
      right[i][0] = -r[i] / Math.sqrt(diagonal[i]);
    }
    double[][] y = Algebra.multiply(Algebra.inverse(scaled), right);
    this.x = new double[L];
    for (int i = 0; i < L; i++) {
      x[i] = y[i][0] / Math.sqrt(diagonal[i]);
    }
  }

  /**
   * Rows 0 … of a batch of N that C is computed from.
   *
   * @param outputs of a loss whose curvature is another at each row; 0 for one where it is the same
   */
  public static int[] rows(int N, int outputs) {
    double wanted = outputs == 0 ? 64 : Math.min(512, Math.max(64, Math.ceil(2560.0 / outputs)));
    int n = 8 * (int) Math.ceil(Math.max(Math.floor(N / 16.0), wanted) / 8);
    if (n >= N) {
      int[] all = new int[N];
      for (int i = 0; i < N; i++) {
        all[i] = i;
      }
      return all;
    }
    int chunk = (n + 7) / 8;
    int[] rows = new int[8 * chunk];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (int) ((long) (i / chunk) * N / 8) + i % chunk;
    }
    return rows;
  }

  /** x_1 … x_L. */
  public double[] steps() {
    return x;
  }

  /** a₀, the length of one step for all layers. */
  public double common() {
    return slopes / sum;
  }

  /** |Σ r|. */
  public double slopes() {
    return slopes;
  }

  /** ΣΣ A. */
  public double sum() {
    return sum;
  }

  /** xᵀr + ½ xᵀA x. */
  public double predicted() {
    double value = 0;
    for (int i = 0; i < x.length; i++) {
      value += x[i] * r[i];
      for (int j = 0; j < x.length; j++) {
        value += 0.5 * x[i] * A[i][j] * x[j];
      }
    }
    return value;
  }

  /** √M_ll of a layer: lengths are well scaled when multiplied by it. */
  public double scale(int layer) {
    return Math.sqrt(diagonal[layer]);
  }

  /** Row-sum norm of the inverse of the scaled system: what errors are multiplied by, at most. */
  public double growth() {
    double[][] scaled = new double[r.length][r.length];
    for (int i = 0; i < r.length; i++) {
      for (int j = 0; j < r.length; j++) {
        scaled[i][j] = i == j ? 1 + RIDGE : A[i][j] / scale(i) / scale(j);
      }
    }
    return Algebra.rowSumNorm(Algebra.inverse(scaled));
  }
}
