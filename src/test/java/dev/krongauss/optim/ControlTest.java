package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.kernel.Control;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The decisions of {@code kernels/control.cu} on steps and λ as truth tables. */
final class ControlTest extends ControlFixture {
  private static final float NAN = Float.NaN;
  private static final float INFINITY = Float.POSITIVE_INFINITY;

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
    control.reduction(s, block.pointer(), 0, OMEGA, OMEGA, 1e-3f, 1e3f);
    assertThat(real(Control.LAMBDA)).isEqualTo(wanted);
  }

  @ParameterizedTest(name = "loss {0}, change {1} of predicted {2}: lambda 8 becomes {3}")
  @CsvSource({
    "1024, 1, -0.001, 8", // below a millionth of the loss: rounding
    "1024, -1, -0.001, 8",
    "1024, NaN, -0.001, 8",
    "1024, 1, -0.002, 16",
    "1024, -0.125, -0.125, 4",
    "1024, 0, 0, 8", // nothing promised
    "0, 0, 0, 4",
  })
  void lambdaDoesNotFollowRounding(float loss, float change, float predicted, float wanted) {
    set(Control.ACCEPTED, 1);
    set(Control.LOSS, loss)
        .set(Control.NEW_LOSS, loss + change)
        .set(Control.PREDICTED, predicted)
        .set(Control.LAMBDA, 8f);
    upload();
    control.reduction(s, block.pointer(), 0, OMEGA, OMEGA, 1e-3f, 1e3f);
    assertThat(real(Control.LAMBDA)).isEqualTo(wanted);
  }

  @ParameterizedTest(name = "ratio {0}: lambda 8 becomes {1}")
  @CsvSource({"1, 4", "0.5, 8", "0, 64", "NaN, 64"})
  void lambdaFallsAndGrowsByFactorsOfTheirOwn(float ratio, float wanted) {
    set(Control.ACCEPTED, 1);
    set(Control.NEW_LOSS, -ratio).set(Control.PREDICTED, -1f).set(Control.LAMBDA, 8f);
    upload();
    control.reduction(s, block.pointer(), 0, 0.5f, 0.125f, 1e-3f, 1e3f);
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
    control.reduction(s, block.pointer(), 0.5f, OMEGA, OMEGA, 1e-3f, 1e3f);
    assertThat(real(Control.RHO)).isEqualTo((-1 - 0.25f * 4) / -4);
  }

  @Test
  void lambdaStaysWithinItsBounds() {
    set(Control.ACCEPTED, 1);
    set(Control.NEW_LOSS, -1f).set(Control.PREDICTED, -1f).set(Control.LAMBDA, 1e-3f);
    upload();
    control.reduction(s, block.pointer(), 0, OMEGA, OMEGA, 1e-3f, 1e3f);
    assertThat(real(Control.LAMBDA)).isEqualTo(1e-3f);
    set(Control.NEW_LOSS, 1f).set(Control.LAMBDA, 1e3f);
    upload();
    control.reduction(s, block.pointer(), 0, OMEGA, OMEGA, 1e-3f, 1e3f);
    assertThat(real(Control.LAMBDA)).isEqualTo(1e3f);
  }

  @Test
  void aRejectedUpdateHasNoReductionRatio() {
    set(Control.ACCEPTED, 0);
    set(Control.NEW_LOSS, NAN).set(Control.RHO, 0.5f).set(Control.LAMBDA, 8f);
    upload();
    control.reduction(s, block.pointer(), 0, OMEGA, OMEGA, 1e-3f, 1e3f);
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

  @ParameterizedTest
  @ValueSource(floats = {0, Float.MIN_VALUE, -Float.MIN_VALUE, -1e-39f})
  void atAStationaryPointNothingMoves(float slope) {
    set(Control.LAMBDA, 1f).set(Control.SLOPE, slope); // what underflow has left of it
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
  void aRejectionRaisesLambdaAndGammaToTheirBounds() {
    for (boolean adapts : new boolean[] {false, true}) {
      usual();
      set(Control.LOSS, NAN).set(Control.LAMBDA, 700f).set(Control.GAMMA, 30f);
      upload();
      rescale(new Control.Rules(24, 2, 1000, true, false, adapts, adapts));
      assertThat(integer(Control.ACCEPTED)).isZero();
      assertThat(real(Control.LAMBDA)).isEqualTo(adapts ? 1000 : 700);
      assertThat(real(Control.GAMMA)).isEqualTo(adapts ? 32 : 30); // the root of 1000 + 24
    }
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
}
