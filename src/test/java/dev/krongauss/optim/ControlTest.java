package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.testing.TestDevice;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The decisions of {@code kernels/control.cu} as truth tables. */
final class ControlTest {
  private static final float NAN = Float.NaN;
  private static final float INFINITY = Float.POSITIVE_INFINITY;
  private static final float OMEGA = 0.5f;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final Control control = new Control(device);
  private final Arena arena = device.newArena("control test");
  private final Buffer block = arena.floats(Control.SLOTS, "scalars");
  private final Buffer infos = arena.ints(2, "infos");
  private final Map<Integer, Float> floats = new HashMap<>();
  private final Map<Integer, Integer> ints = new HashMap<>();

  @AfterEach
  void close() {
    arena.close();
  }

  @ParameterizedTest(name = "change {0} of predicted {1}: lambda 8 becomes {2}")
  @CsvSource({
    "-1.00, -1, 4", // ρ = 1
    "-0.76, -1, 4",
    "-0.75, -1, 8", // not above ¾
    "-0.50, -1, 8",
    "-0.25, -1, 8", // not below ¼
    "-0.24, -1, 16",
    "0.00, -1, 16",
    "1.00, -1, 16", // uphill
    "NaN, -1, 16",
    "Infinity, -1, 16",
    "-1, -1e-45, 16", // ρ overflows: not finite is not a success
    "0.00, 0, 4", // nothing promised, nothing gained: the model was right
  })
  void lambdaFollowsTheReductionRatio(float change, float predicted, float wanted) {
    set(Control.ACCEPTED, 1);
    set(Control.LOSS, 0f)
        .set(Control.NEW_LOSS, change)
        .set(Control.PREDICTED, predicted)
        .set(Control.LAMBDA, 8f);
    upload();
    control.reduction(s, block.pointer(), 0, OMEGA, 1e-3f, 1e3f);
    assertThat(real(Control.LAMBDA)).isEqualTo(wanted);
  }

  @Test
  void theReductionRatioCountsTheL2Term() {
    set(Control.ACCEPTED, 1);
    set(Control.LOSS, 3f)
        .set(Control.NEW_LOSS, 2f)
        .set(Control.NORM2, 8f)
        .set(Control.NEW_NORM2, 4f);
    set(Control.PREDICTED, -4f).set(Control.LAMBDA, 1f);
    upload();
    control.reduction(s, block.pointer(), 0.5f, OMEGA, 1e-3f, 1e3f);
    assertThat(real(Control.RHO)).isEqualTo((-1 - 0.25f * 4) / -4);
  }

  @Test
  void lambdaStaysWithinItsBounds() {
    set(Control.ACCEPTED, 1);
    set(Control.NEW_LOSS, -1f).set(Control.PREDICTED, -1f).set(Control.LAMBDA, 1e-3f);
    upload();
    control.reduction(s, block.pointer(), 0, OMEGA, 1e-3f, 1e3f);
    assertThat(real(Control.LAMBDA)).isEqualTo(1e-3f);
    set(Control.NEW_LOSS, 1f).set(Control.LAMBDA, 1e3f);
    upload();
    control.reduction(s, block.pointer(), 0, OMEGA, 1e-3f, 1e3f);
    assertThat(real(Control.LAMBDA)).isEqualTo(1e3f);
  }

  @Test
  void aRejectedUpdateHasNoReductionRatio() {
    set(Control.ACCEPTED, 0);
    set(Control.NEW_LOSS, NAN).set(Control.RHO, 0.5f).set(Control.LAMBDA, 8f);
    upload();
    control.reduction(s, block.pointer(), 0, OMEGA, 1e-3f, 1e3f);
    assertThat(real(Control.LAMBDA)).isEqualTo(8);
    assertThat(real(Control.RHO)).isEqualTo(0.5f);
  }

  @Test
  void rescalingMinimisesTheQuadratic() {
    set(Control.LOSS, 2f)
        .set(Control.NORM2, 6f)
        .set(Control.SLOPE, -3f)
        .set(Control.DIRECTION2, 4f);
    set(Control.CURVATURE, 2f).set(Control.LAMBDA, 0.75f);
    upload();
    rescale(0.25f, true);
    assertThat(real(Control.ALPHA)).isEqualTo(3f / 6); // q = 2 + (0.75 + 0.25) 4
    assertThat(real(Control.PREDICTED)).isEqualTo(-0.75f);
    assertThat(real(Control.OBJECTIVE)).isEqualTo(2.75f);
    assertThat(real(Control.LAMBDA)).isEqualTo(0.75f);
    assertThat(integer(Control.ACCEPTED)).isEqualTo(1);
    assertThat(integer(Control.APPLIED)).isEqualTo(1);
    assertThat(integer(Control.FAILED_FACTOR)).isEqualTo(-1);
  }

  @Test
  void withoutRescalingTheStepIsTheDirection() {
    set(Control.SLOPE, -3f)
        .set(Control.DIRECTION2, 4f)
        .set(Control.CURVATURE, 2f)
        .set(Control.LAMBDA, 1f);
    upload();
    rescale(0, false);
    assertThat(real(Control.ALPHA)).isEqualTo(1);
    assertThat(real(Control.PREDICTED)).isEqualTo(-3 + 0.5f * 6);
  }

  @Test
  void atAStationaryPointNothingMoves() {
    set(Control.LAMBDA, 1f);
    upload();
    rescale(0, true);
    assertThat(real(Control.ALPHA)).isZero();
    assertThat(integer(Control.ACCEPTED)).isEqualTo(1);
  }

  @Test
  void everythingNonFiniteIsRejectedWithItsReason() {
    rejects(Control.LOSS, NAN, Control.REASON_LOSS);
    rejects(Control.LOSS, INFINITY, Control.REASON_LOSS);
    rejects(Control.SLOPE, NAN, Control.REASON_GRADIENT | Control.REASON_STEP);
    rejects(Control.SLOPE, -INFINITY, Control.REASON_GRADIENT | Control.REASON_STEP);
    rejects(Control.DIRECTION2, NAN, Control.REASON_STEP);
    rejects(Control.CURVATURE, NAN, Control.REASON_STEP);
    rejects(Control.SLOPE, 3f, Control.REASON_STEP); // uphill: α < 0
  }

  @Test
  void aFailedFactorIsNamed() {
    usual();
    upload();
    infos.uploadInts(new int[] {0, 7}, s);
    rescale(0, true);
    assertThat(integer(Control.REASON)).isEqualTo(Control.REASON_FACTOR);
    assertThat(integer(Control.FAILED_FACTOR)).isEqualTo(1);
    assertThat(integer(Control.FAILED_COLUMN)).isEqualTo(7);
    assertThat(integer(Control.ACCEPTED)).isZero();
  }

  @Test
  void gammaFollowsLambdaWhereAsked() {
    set(Control.LAMBDA, 0.75f).set(Control.GAMMA, 9f);
    upload();
    control.begin(s, block.pointer(), 0.25f, false);
    assertThat(real(Control.GAMMA)).isEqualTo(9);
    control.begin(s, block.pointer(), 0.25f, true);
    assertThat(real(Control.GAMMA)).isEqualTo(1);
    assertThat(integer(Control.STEP)).isEqualTo(2);
  }

  private void rejects(int slot, float value, int reason) {
    usual();
    set(slot, value).set(Control.REJECTED, 4);
    upload();
    rescale(0, true);
    String what = "slot " + slot + " = " + value;
    assertThat(integer(Control.REASON)).as(what).isEqualTo(reason);
    assertThat(integer(Control.ACCEPTED)).as(what).isZero();
    assertThat(integer(Control.APPLIED)).as(what).isZero();
    assertThat(integer(Control.REJECTED)).as(what).isEqualTo(5);
    assertThat(real(Control.LAMBDA)).as(what).isEqualTo(2);
  }

  private void usual() {
    floats.clear();
    ints.clear();
    set(Control.LOSS, 1f).set(Control.SLOPE, -1f).set(Control.DIRECTION2, 1f);
    set(Control.CURVATURE, 1f).set(Control.LAMBDA, 1f);
  }

  /** λ doubles where the update is rejected. */
  private void rescale(float eta, boolean rescaling) {
    control.rescale(s, block.pointer(), infos.pointer(), 2, eta, 2, rescaling);
  }

  private ControlTest set(int slot, float value) {
    floats.put(slot, value);
    return this;
  }

  private ControlTest set(int slot, int value) {
    ints.put(slot, value);
    return this;
  }

  private void upload() {
    int[] bits = new int[Control.SLOTS];
    floats.forEach((slot, value) -> bits[slot] = Float.floatToRawIntBits(value));
    ints.forEach((slot, value) -> bits[slot] = value);
    block.uploadInts(bits, s);
  }

  private float real(int slot) {
    return block.downloadFloats(Control.SLOTS, s)[slot];
  }

  private int integer(int slot) {
    return block.downloadInts(Control.SLOTS, s)[slot];
  }
}
