package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** α and μ of {@code kernels/control.cu} as truth tables; λ = 1 and η = 0 throughout. */
final class MomentumRuleTest {
  private static final float NAN = Float.NaN;
  private static final float INFINITY = Float.POSITIVE_INFINITY;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final Control control = new Control(device);
  private final Arena arena = device.newArena("momentum rule test");
  private final Buffer block = arena.floats(Control.SLOTS, "scalars");
  private final Buffer infos = arena.ints(Control.CANDIDATES * 2, "infos");
  private final Buffer gammas = arena.floats(Control.CANDIDATES, "gammas");
  private final Buffer tried =
      arena.floats(Control.CANDIDATES * Control.MEASURES, "candidates' measures");
  private final Buffer mixed =
      arena.floats(Control.CANDIDATES * Control.MIXED_MEASURES, "candidates' momentum");

  @AfterEach
  void close() {
    arena.close();
  }

  /**
   * Δ as slope, ‖Δ‖², curvature; V as slope, ‖V‖², curvature, ⟨Δ,V⟩, plus, minus, s. The system is
   * (curvature + norm, mixed; mixed, curvature + norm) with mixed = (plus − minus) / 4 s + ⟨Δ,V⟩.
   */
  @ParameterizedTest(name = "{0} | {1}: alpha {2}, mu {3}, M {4}")
  @CsvSource({
    "-3 1 1, -2 1 1 0 0 0 1, 1.5, 1, -3.25", // orthogonal: each its own minimum
    "-3 1 1, 2 1 1 0 0 0 1, 1.5, -1, -3.25", // V points uphill: turned round
    "-3 1 1, -3 1 1 1 0 0 1, 1, 1, -3", // (2 1; 1 2)
    "-3 1 1, -3 1 1 0 6 2 1, 1, 1, -3", // the same from curvature
    "-3 1 1, -3 1 1 0 12 4 2, 1, 1, -3", // with s = 2
    "-3 1 1, -3 1 1 -0.5 0 2 1, 3, 3, -9", // (2 -1; -1 2)
    "-1 1 1, -4 1 1 1 0 0 1, -0.66666667, 2.3333333, -4.3333333", // Δ has no use beside V
    "-4 1 1, -1 0 0 0 0 0 0, 2, 0, -4", // V does not move
    "-4 1 1, 0 0 0 0 0 0 0, 2, 0, -4", // the first update
    "-4 1 1, -4 1 1 2 0 0 1, 2, 0, -4", // parallel
    "-4 1 1, -4 1 1 1.9995 0 0 1, 2, 0, -4", // sine^2 5e-4
    "-4 1 1, -4 1 1 -2 0 0 1, 2, 0, -4", // against each other
    "-4 1 1, -4 1 1 3 0 0 1, 2, 0, -4", // beyond Cauchy and Schwarz: rounding, or no curvature
    "-4 1 1, -1 1 -2 0 0 0 1, 2, 0, -4", // a loss that curves downwards along V
    "-4 1 1, NaN 1 1 0 0 0 1, 2, 0, -4",
    "-4 1 1, -1 NaN 1 0 0 0 1, 2, 0, -4",
    "-4 1 1, -1 1 NaN 0 0 0 1, 2, 0, -4",
    "-4 1 1, -1 1 1 NaN 0 0 1, 2, 0, -4",
    "-4 1 1, -1 1 1 0 Infinity 0 1, 2, 0, -4",
    "-4 1 1, -1 1 1 0 Infinity Infinity 1, 2, 0, -4",
    "-4 1 1, -1 Infinity 1 0 0 0 1, 2, 0, -4",
    "-4 1 1, -Infinity 1 1 0 0 0 1, 2, 0, -4",
    "0 0 0, 0 1 1 0 0 0 0, 0, 0, 0", // nothing to do
  })
  void alphaAndMuMinimiseTheModel(
      String direction, String previous, float alpha, float mu, float predicted) {
    upload(direction, previous);
    rescale(true);
    float tolerance = 1e-6f * 4; // a handful of roundings, nothing cancels
    assertThat(real(Control.ALPHA)).isCloseTo(alpha, within(tolerance));
    assertThat(real(Control.MU)).isCloseTo(mu, within(tolerance));
    assertThat(real(Control.PREDICTED)).isCloseTo(predicted, within(2 * tolerance));
    assertThat(integer(Control.ACCEPTED)).isEqualTo(1);
  }

  @Test
  void aDirectionUphillIsNotSavedByTheUpdateBefore() {
    upload("3 1 1", "-2 1 1 0 0 0 1");
    rescale(true);
    assertThat(integer(Control.REASON)).isEqualTo(Control.REASON_STEP);
    assertThat(real(Control.MU)).isZero();
  }

  @Test
  void whatIsMeasuredCountsOnlyWithMomentum() {
    upload("-3 1 1", "-2 1 1 0 0 0 1");
    rescale(false);
    assertThat(real(Control.ALPHA)).isEqualTo(1.5f);
    assertThat(real(Control.MU)).isZero();
  }

  @ParameterizedTest(name = "curvatures {0} and {1}: s = {2}")
  @CsvSource({
    "1, 1, 1",
    "4, 1, 2",
    "1, 4, 0.5",
    "5, 1, 2", // the nearest power of two to the root
    "9, 1, 4",
    "1e-40, 1e-40, 1", // subnormal
    "0, 1, 0",
    "1, 0, 0",
    "-1, 1, 0",
    "NaN, 1, 0",
    "1, Infinity, 0",
    "3e38, 1e-45, 0", // 2^138 is too much
  })
  void theBalanceMakesBothAlike(float curvature, float previous, float wanted) {
    tried.upload(Arrays.copyOf(new float[] {0, 0, curvature}, 9), s);
    float[] values = new float[24];
    values[Control.PREVIOUS_CURVATURE] = previous;
    mixed.upload(values, s);
    control.balance(s, tried.pointer(), mixed.pointer());
    float[] got = mixed.downloadFloats(Control.MIXED_MEASURES, s);
    assertThat(got[Control.BALANCE]).isEqualTo(wanted);
    assertThat(got[Control.BACK]).isEqualTo(-2 * wanted);
  }

  @Test
  void candidatesOfGammaAreComparedWithMomentum() {
    // Alone the first promises most, with the update before the third.
    upload("0 0 0", "0 0 0 0 0 0 0");
    tried.upload(floats("-4 1 1 -3 1 1 -3 1 1"), s);
    mixed.upload(floats("0 0 0 0 0 0 0 0  -1 1 1 0 0 0 1 -2  -6 1 1 0 0 0 1 -2"), s);
    gammas.upload(new float[] {2, 1, 4}, s);
    Control.Dampings candidates = new Control.Dampings(infos.pointer(), gammas.pointer(), 3, 2);
    control.choose(
        s, block.pointer(), tried.pointer(), mixed.pointer(), candidates, ladder(), 0, true);
    assertThat(integer(Control.CHOICE)).isEqualTo(2);
    float[] all = block.downloadFloats(Control.SLOTS, s);
    assertThat(Arrays.copyOfRange(all, Control.MIXED, Control.MIXED + Control.MIXED_MEASURES))
        .containsExactly(-6, 1, 1, 0, 0, 0, 1, -2);
    rescale(true);
    assertThat(real(Control.MU)).isCloseTo(3, within(1e-6f));
    assertThat(real(Control.PREDICTED)).isCloseTo(-0.5f * (1.5f * 3 + 3 * 6), within(1e-5f));
  }

  private void rescale(boolean momentum) {
    control.rescale(
        s,
        block.pointer(),
        ladder(),
        new Control.Rules(0, 2, INFINITY, true, momentum, true, false));
  }

  /** The first rung holds. */
  private Control.Dampings ladder() {
    return new Control.Dampings(infos.pointer(), gammas.pointer(), 1, 2);
  }

  private void upload(String direction, String previous) {
    float[] values = new float[Control.SLOTS];
    values[Control.LAMBDA] = 1;
    values[Control.PREDICTED] = NAN;
    System.arraycopy(floats(direction), 0, values, Control.SLOPE, Control.MEASURES);
    System.arraycopy(floats(previous), 0, values, Control.MIXED, 7);
    block.upload(values, s);
  }

  private static org.assertj.core.data.Offset<Float> within(float tolerance) {
    return org.assertj.core.data.Offset.offset(tolerance);
  }

  private static float[] floats(String values) {
    String[] parts = values.trim().split(" +");
    float[] floats = new float[parts.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = Float.parseFloat(parts[i]);
    }
    return floats;
  }

  private float real(int slot) {
    return block.downloadFloats(Control.SLOTS, s)[slot];
  }

  private int integer(int slot) {
    return block.downloadInts(Control.SLOTS, s)[slot];
  }
}
