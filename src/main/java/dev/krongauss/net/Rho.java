package dev.krongauss.net;

/**
 * ρ(z) of a robust loss ½ C² ρ(z), z = (r / C)², with ρ(0) = 0 and ρ'(0) = 1: those of {@code
 * scipy.optimize.least_squares}, where C is {@code f_scale}.
 */
enum Rho {
  /** z. */
  LINEAR("linear", "z", "1.0f") {
    @Override
    double value(double z) {
      return z;
    }

    @Override
    double slope(double z) {
      return 1;
    }
  },
  /** z up to 1, 2 √z − 1 beyond. */
  HUBER("huber", "z <= 1.0f ? z : 2.0f * sqrtf(z) - 1.0f", "z <= 1.0f ? 1.0f : 1.0f / sqrtf(z)") {
    @Override
    double value(double z) {
      return z <= 1 ? z : 2 * Math.sqrt(z) - 1;
    }

    @Override
    double slope(double z) {
      return z <= 1 ? 1 : 1 / Math.sqrt(z);
    }
  },
  /** 2 (√(1 + z) − 1), written so that nothing cancels. */
  SOFT_L1("soft l1", "2.0f * (z / (sqrtf(1.0f + z) + 1.0f))", "1.0f / sqrtf(1.0f + z)") {
    @Override
    double value(double z) {
      return z <= 1 ? 2 * z / (Math.sqrt(1 + z) + 1) : 2 * (Math.sqrt(1 + z) - 1);
    }

    @Override
    double slope(double z) {
      return 1 / Math.sqrt(1 + z);
    }
  },
  /** log(1 + z). */
  CAUCHY("cauchy", "log1pf(z)", "1.0f / (1.0f + z)") {
    @Override
    double value(double z) {
      return Math.log1p(z);
    }

    @Override
    double slope(double z) {
      return 1 / (1 + z);
    }
  },
  /** arctan z. */
  ARCTAN("arctan", "atanf(z)", "1.0f / (1.0f + z * z)") {
    @Override
    double value(double z) {
      return Math.atan(z);
    }

    @Override
    double slope(double z) {
      return 1 / (1 + z * z);
    }
  };

  private final String word;
  private final String cudaValue;
  private final String cudaSlope;

  Rho(String word, String cudaValue, String cudaSlope) {
    this.word = word;
    this.cudaValue = cudaValue;
    this.cudaSlope = cudaSlope;
  }

  abstract double value(double z);

  /** ρ'(z) ≥ 0. */
  abstract double slope(double z);

  /** {@link #value} in CUDA, of a float z. */
  String cudaValue() {
    return cudaValue;
  }

  /** {@link #slope} in CUDA, of a float z. */
  String cudaSlope() {
    return cudaSlope;
  }

  @Override
  public String toString() {
    return word;
  }
}
