package dev.krongauss.net;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.testing.Bent;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Right derivatives are never called wrong, wrong ones always, and by their place. */
final class ResidualCheckTest {
  private static final int CASES = 1000;
  private static final int N = 2;

  /** Sums of sines, exponentials, powers and kinks, of any size, one derivative of them changed. */
  private static final class Random implements ResidualFunction {
    private final int d;
    private final int K;
    private final double[][][] a;
    private final double scale;
    private int wrongK = -1;
    private int wrongJ;
    private double error;

    Random(SplittableRandom random, boolean kinks) {
      d = 1 + random.nextInt(4);
      K = 1 + random.nextInt(4);
      a = new double[K][d][5];
      scale = Math.pow(10, random.nextDouble(-8, 8));
      for (double[][] row : a) {
        for (double[] c : row) {
          for (int i = 0; i < c.length; i++) {
            c[i] = random.nextDouble(-2, 2);
          }
          c[3] = Math.abs(c[3]); // below 2: the third derivative stays near the values' size
          c[4] = kinks ? c[4] : 0;
        }
      }
    }

    @Override
    public String name() {
      return "random";
    }

    @Override
    public int count(int outputs) {
      return K;
    }

    @Override
    public void residuals(double[] h, double[] t, double[] r) {
      for (int k = 0; k < K; k++) {
        double sum = -t[0];
        for (int j = 0; j < d; j++) {
          double[] c = a[k][j];
          double x = h[j];
          sum += c[0] * Math.sin(c[3] * x) + c[1] * x * x + c[2] * Math.exp(-x * x / 4);
          sum += c[4] * Math.abs(x);
        }
        r[k] = scale * sum;
      }
    }

    @Override
    public void derivatives(double[] h, double[] t, double[][] J) {
      for (int k = 0; k < K; k++) {
        for (int j = 0; j < d; j++) {
          double[] c = a[k][j];
          double x = h[j];
          double sum = c[0] * c[3] * Math.cos(c[3] * x) + 2 * c[1] * x;
          sum += -c[2] * x / 2 * Math.exp(-x * x / 4) + c[4] * Math.signum(x);
          J[k][j] = scale * sum;
        }
      }
      if (wrongK >= 0) {
        J[wrongK][wrongJ] += scale * error;
      }
    }
  }

  @Test
  void rightOnesAreNeverCalledWrong() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < CASES; i++) {
      Random residuals = new Random(random, i % 2 == 0);
      double size = Math.pow(10, random.nextDouble(-3, 1));
      float[] h = numbers(N * residuals.d, size, random);
      if (i % 10 == 0) {
        h[0] = 0; // on the kink
      }
      float[] t = numbers(N * residuals.d, size, random);
      assertThatCode(() -> Residuals.of(residuals).cauchy(0.1).check(h, t, N))
          .as("case %d", i)
          .doesNotThrowAnyException();
    }
  }

  /** An error of 1e-3 beside terms of size up to some hundred, without kinks to hide at. */
  @Test
  void wrongOnesAreFoundAndNamed() {
    SplittableRandom random = new SplittableRandom(12);
    for (int i = 0; i < CASES; i++) {
      Random residuals = new Random(random, false);
      residuals.wrongK = random.nextInt(residuals.K);
      residuals.wrongJ = random.nextInt(residuals.d);
      residuals.error = random.nextBoolean() ? 1e-3 : -1e-3;
      float[] h = numbers(N * residuals.d, 2, random);
      float[] t = numbers(N * residuals.d, 2, random);
      Residuals grouped =
          Residuals.groups(Residuals.of(new Bent.Difference()), Residuals.of(residuals));
      assertThatThrownBy(() -> grouped.check(h, t, N))
          .as("case %d", i)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(
              "residuals 'random': the derivative of residual %d by output %d of datapoint",
              residuals.wrongK, residuals.wrongJ)
          .hasMessageContaining(
              "2 of %,d derivatives are wrong", N * residuals.d * (residuals.d + residuals.K));
    }
  }

  /** h² with the derivative h; at h = 3 the difference is 6, the step 3 · 2⁻¹⁷. */
  @Test
  void theMessageHasAllNumbers() {
    Residuals residuals = Residuals.of(new Square(1));
    assertThatThrownBy(() -> residuals.check(new float[] {0, 3}, new float[2], 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("residual 0 by output 0 of datapoint 1 is given as 3.0")
        .hasMessageContaining("the difference is 6.0")
        .hasMessageContaining("step 2.29e-05, tolerance 6.09e-06")
        .hasMessageContaining("1 of 2 derivatives are wrong: correct derivatives(h, t, J)");
    Residuals.of(new Square(2)).check(new float[] {0, 3}, new float[2], 2);
  }

  @Test
  void whatIsNoNumberIsWrong() {
    for (double factor : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(
              () -> Residuals.of(new Square(factor)).check(new float[] {3}, new float[1], 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is given as " + factor);
    }
  }

  /** h² with the derivative factor · h. */
  private record Square(double factor) implements ResidualFunction {
    @Override
    public String name() {
      return "square";
    }

    @Override
    public int count(int outputs) {
      return 1;
    }

    @Override
    public void residuals(double[] h, double[] t, double[] r) {
      r[0] = h[0] * h[0];
    }

    @Override
    public void derivatives(double[] h, double[] t, double[][] J) {
      J[0][0] = factor * h[0];
    }
  }

  private static float[] numbers(int count, double size, SplittableRandom random) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) (size * random.nextDouble(-1, 1));
    }
    return numbers;
  }
}
