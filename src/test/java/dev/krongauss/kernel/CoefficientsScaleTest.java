package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.testing.TestDevice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The coefficients have no scale of their own: powers of two change no bit of what is left. */
final class CoefficientsScaleTest {
  private static final int L = 8;

  private final Device device = TestDevice.get();

  /** D becomes 2^direction D, the loss 4^loss times itself, and λ with it. */
  @ParameterizedTest(name = "D times 2^{0}, loss times 4^{1}")
  @CsvSource({"30, 0", "-30, 0", "0, 15", "0, -15", "20, -20", "-20, 15"})
  void lengthsAndLossesHaveNoUnit(int direction, int loss) {
    double length = Math.scalb(1.0, direction);
    double unit = Math.scalb(1.0, 2 * loss);
    float[] plain = solve(1, 1);
    float[] scaled = solve(length, unit);
    for (int l = 0; l < L; l++) {
      assertThat(scaled[l]).as("x of layer " + l).isEqualTo((float) (plain[l] / length));
    }
    assertThat(plain[0]).isPositive();
    assertThat(scaled[L]).as("predicted").isEqualTo((float) (plain[L] * unit));
    assertThat(scaled[L + 1]).as("a").isEqualTo((float) (plain[L + 1] / length));
  }

  /** x, then the predicted change and a. */
  private float[] solve(double length, double unit) {
    try (Trial trial = Trial.of("scale", KernelCase.Variant.MIXED, device, 5)) {
      CoefficientsSystem system = CoefficientsSystem.random(trial, L, 5e-3f, 0, 0.3f);
      Host C =
          Host.of(
              L, L, (i, j) -> j > i ? Double.NaN : system.C().at(i, j) * length * length * unit);
      float[] measures = system.measures();
      for (int l = 0; l < L; l++) {
        measures[l] *= (float) (length * unit);
        measures[L + l] *= (float) (length * length);
        measures[2 * L + l] *= (float) (length * unit);
      }
      Matrix numbers = trial.input(Host.row((float) (system.lambda() * unit), system.kappa()));
      Matrix out = trial.output(1, L + 2);
      long failed = trial.ints(7).pointer();
      Coefficients.Model model =
          new Coefficients.Model(
              trial.input(C), trial.input(new Host(1, 3 * L, measures)).pointer(), 0);
      long at = numbers.pointer();
      long to = out.pointer();
      trial.launch(
          s -> new Coefficients(device).solve(s, model, at, 0, at + 4, to, to + 4 * L, failed));
      return out.download(device.stream());
    }
  }
}
