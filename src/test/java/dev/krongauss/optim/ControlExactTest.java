package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Buffer;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.ControlExact;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The decisions of {@code kernels/control_exact.cu} as truth tables. */
final class ControlExactTest extends ControlFixture {
  /** What rounding a step to floats adds to its error. */
  private static final float ROUNDED = 6e-8f;

  private final ControlExact exact = new ControlExact(device);
  private final Buffer dampings = arena.floats(ControlExact.RUNGS, "dampings");

  @Test
  void anUpdateBeginsWithItsDampings() {
    set(Control.LAMBDA, 3f).set(Control.STEP, 6);
    upload();
    exact.damp(s, block.pointer(), dampings.pointer(), 1);
    assertThat(dampings.downloadFloats(ControlExact.RUNGS, s)).containsExactly(4, 40, 400);
    assertThat(real(Control.GAMMA)).isEqualTo(2);
    assertThat(integer(Control.STEP)).isEqualTo(7);
  }

  @ParameterizedTest(name = "infos {0}: rung {1}, failed factor {2}, column {3}, preconditions {4}")
  @CsvSource({
    "0 5 5, 0, -1, 0, true",
    "7 0 9, 1, -1, 0, true",
    "7 8 0, 2, -1, 0, true",
    "7 8 9, 2, 0, 9, true",
    "0 5 5, 0, -1, 0, false",
    "7 8 0, 2, -1, 0, false"
  })
  void theFirstRungThatHeldCounts(String infos, int rung, int failed, int column, boolean only) {
    upload();
    this.infos.uploadInts(Arrays.copyOf(ints(infos), 2 * RUNGS), s);
    dampings.upload(new float[] {4, 40, 400}, s);
    exact.rung(s, block.pointer(), this.infos.pointer(), dampings.pointer(), only);
    float inverse = (float) (4 * Math.pow(10, rung));
    assertThat(integer(Control.RUNG)).isEqualTo(rung);
    assertThat(real(ControlExact.DAMPING)).as("of the system").isEqualTo(only ? 4 : inverse);
    assertThat(real(ControlExact.TRUST)).isEqualTo(only ? 4 / inverse : 1);
    assertThat(real(Control.FACTOR_GAMMA)).isEqualTo((float) Math.sqrt(inverse));
    assertThat(integer(Control.FAILED_FACTOR)).isEqualTo(failed);
    assertThat(integer(Control.FAILED_COLUMN)).isEqualTo(column);
  }

  /** An update that is tried: the prediction is that of the whole step, without λ. */
  private void trying() {
    usual();
    set(Control.LOSS, 2f).set(Control.NORM2, 16f);
    set(Control.SLOPE, -3f).set(Control.DIRECTION2, 4f).set(Control.CURVATURE, 1f);
    set(Control.LAMBDA, 0.5f).set(ControlExact.DAMPING, 0.75f).set(ControlExact.GROWTH, 2f);
    set(ControlExact.GRADIENT2, 9f).set(ControlExact.ERROR2, 1f);
    set(Control.FAILED_FACTOR, -1).set(Control.REJECTED, 5);
  }

  private void decide() {
    upload();
    exact.decide(
        s,
        block.pointer(),
        0.25f,
        false,
        new ControlExact.Tolerances(0.125f, 0.25f, 0.0625f),
        0.875f);
  }

  @Test
  void anUpdateIsTriedAndMeasured() {
    trying();
    decide();
    assertThat(real(Control.OBJECTIVE)).isEqualTo(2 + 2);
    assertThat(real(Control.PREDICTED)).isEqualTo(-3 + 0.5f * (1 + 0.25f * 4));
    assertThat(real(ControlExact.SOLVE_ERROR)).isEqualTo(0.5f + ROUNDED); // √(1 / (1 + 0.75 · 4))
    assertThat(integer(Control.ACCEPTED)).isEqualTo(1);
    assertThat(integer(ControlExact.CONVERGED)).isZero();
    assertThat(integer(Control.REASON)).isZero();
    assertThat(integer(Control.APPLIED)).isZero();
    assertThat(real(Control.LAMBDA)).isEqualTo(0.5f);
  }

  @Test
  void marquardtsNormIsThatOfTheDiagonal() {
    trying();
    set(ControlExact.SCALED2, 4f).set(Control.CURVATURE, 12f).set(Control.SLOPE, -16f);
    upload();
    exact.decide(s, block.pointer(), 0.25f, true, new ControlExact.Tolerances(0.125f, 0.25f, 0), 1);
    assertThat(real(ControlExact.SOLVE_ERROR)).isEqualTo(0.25f + ROUNDED); // √(1 / (12 + 1 + 3))
  }

  /** An error as large as the step tells nothing; the iteration that broke has an infinite one. */
  @ParameterizedTest(name = "squared error {0}: reason {1}")
  @CsvSource({"3.9, 0", "4.1, 4", "Infinity, 4", "NaN, 4"})
  void aStepThatWasNotSolvedForIsRejected(float error2, int reason) {
    trying();
    set(ControlExact.ERROR2, error2);
    decide();
    assertThat(integer(Control.REASON)).isEqualTo(reason);
    assertThat(integer(Control.ACCEPTED)).isEqualTo(reason == 0 ? 1 : 0);
  }

  /** ‖Δ‖ = 2; added where 2 ‖a‖ / ‖Δ‖ is at most ¾, the step is tried, and a was solved for. */
  @ParameterizedTest(name = "accepted {0}, squared a {1}, ended {2}: {3}, bent {4}")
  @CsvSource({
    "1, 0.5625, 1, 0.75, 1",
    "1, 0.5625, 3, 0.75, 1",
    "1, 0.5625, 2, 0.75, 0",
    "1, 0.765625, 1, 0.875, 0",
    "1, NaN, 1, NaN, 0",
    "1, 0, 1, 0, 1",
    "0, 0.25, 1, NaN, 0"
  })
  void aBendIsAddedWhereItIsSmall(int accepted, float a2, int ended, float bending, int bent) {
    trying();
    set(Control.ACCEPTED, accepted);
    set(ControlExact.BENDING, Float.NaN).set(ControlExact.BEND2, a2);
    upload();
    infos.uploadInts(new int[] {ended}, s);
    exact.bend(s, block.pointer(), infos.pointer());
    assertThat(Float.compare(real(ControlExact.BENDING), bending)).isZero();
    assertThat(integer(ControlExact.BENT)).isEqualTo(bent);
    assertThat(real(ControlExact.BEND)).isEqualTo(0.5f);
  }

  @ParameterizedTest(name = "slot {0} = {1}: reason {2}")
  @CsvSource({
    "0, NaN, 1",
    "0, Infinity, 1",
    "35, NaN, 2", // ‖g‖²
    "3, NaN, 4", // ‖Δ‖²
    "4, Infinity, 4", // ΔᵀCΔ
    "2, 1, 4", // a step that leads up
  })
  void whatIsNotUsableIsRejected(int slot, float value, int reason) {
    trying();
    set(slot, value);
    decide();
    assertThat(integer(Control.ACCEPTED)).isZero();
    assertThat(integer(Control.REASON)).isEqualTo(reason);
    assertThat(integer(Control.REJECTED)).isEqualTo(6);
    assertThat(integer(ControlExact.TAKEN_BACK)).isZero();
    assertThat(real(Control.LAMBDA)).isEqualTo(0.875f); // the bound
    assertThat(real(ControlExact.GROWTH)).isEqualTo(4);
  }

  @Test
  void aMatrixThatFailedIsRejected() {
    trying();
    set(Control.FAILED_FACTOR, 0);
    decide();
    assertThat(integer(Control.REASON)).isEqualTo(ControlExact.REASON_MATRIX);
    assertThat(integer(Control.ACCEPTED)).isZero();
  }

  @ParameterizedTest(name = "slot {0} = {1}: converged by {2}")
  @CsvSource({
    "35, 0.015625, 1", // ‖g‖ = 1/8
    "35, 0.016, 0",
    "3, 1.1289, 2", // ‖Δ‖ = 1/4 (4 + 1/4)
    "3, 1.1291, 0",
    "2, -1.25, 3", // M = −1/4, 1/16 of the objective
    "2, -1.26, 0",
  })
  void convergenceLeavesTheWeightsAndRejectsNothing(int slot, float value, int test) {
    trying();
    set(slot, value);
    if (slot == Control.DIRECTION2) {
      set(Control.CURVATURE, 1f);
    }
    decide();
    assertThat(integer(ControlExact.CONVERGED)).isEqualTo(test);
    assertThat(integer(Control.ACCEPTED)).isEqualTo(test == 0 ? 1 : 0);
    assertThat(integer(Control.REASON)).isZero();
    assertThat(integer(Control.REJECTED)).isEqualTo(test == 0 ? 5 : 0);
    assertThat(real(Control.LAMBDA)).isEqualTo(0.5f);
  }

  @ParameterizedTest(name = "{0} updates within the rounding: converged by {1}")
  @CsvSource({"199, 0", "200, 3"})
  void twoHundredUpdatesWithinTheRoundingAreEnough(int near, int test) {
    trying();
    set(ControlExact.NEAR, near).set(Control.SLOPE, -1.0000001f).set(Control.CURVATURE, 1f);
    set(Control.LOSS, 1e6f);
    upload();
    exact.decide(
        s, block.pointer(), 0.25f, false, new ControlExact.Tolerances(0.125f, 0.25f, 1e-20f), 1e3f);
    assertThat(integer(ControlExact.CONVERGED)).isEqualTo(test);
  }

  @ParameterizedTest(name = "ratio {0}: accepted {1}, lambda 8 becomes {2}, growth 4 becomes {3}")
  @CsvSource({
    "1, 1, 2.6666667, 2", // a third at the least
    "0.75, 1, 7, 2", // 1 − 1/8
    "0.5, 1, 8, 2",
    "0.25, 1, 9, 2",
    "2, 1, 2.6666667, 2", // better than predicted
    "0, 0, 32, 8",
    "-1, 0, 32, 8",
    "NaN, 0, 32, 8",
    "Infinity, 0, 32, 8",
  })
  void lambdaFollowsNielsensRule(float ratio, int accepted, float lambda, float growth) {
    set(Control.ACCEPTED, 1);
    set(Control.NEW_LOSS, -ratio).set(Control.PREDICTED, -1f);
    set(Control.LAMBDA, 8f).set(ControlExact.GROWTH, 4f);
    set(Control.REJECTED, 3);
    upload();
    exact.judge(s, block.pointer(), 0, 1e-3f, 1e3f);
    assertThat(integer(Control.ACCEPTED)).isEqualTo(accepted);
    assertThat(integer(ControlExact.TAKEN_BACK)).isEqualTo(1 - accepted);
    assertThat(integer(Control.APPLIED)).isEqualTo(accepted);
    assertThat(integer(Control.REJECTED)).isEqualTo(accepted == 1 ? 0 : 4);
    assertThat(integer(Control.REASON)).isEqualTo(accepted == 1 ? 0 : ControlExact.REASON_ROSE);
    assertThat(real(Control.LAMBDA)).isEqualTo(lambda);
    assertThat(real(ControlExact.GROWTH)).isEqualTo(growth);
  }

  /** The slope −4 of a step that promises 2 becomes another: the change is their mean. */
  @ParameterizedTest(name = "change {0} where rounding is {3}, slope {1}: lambda 9 becomes {2}")
  @CsvSource({
    "2, 0, 3, 4", // ρ = 1, whatever the objectives say
    "4, 0, 3, 4",
    "-9, 0, 3, 4",
    "5, 0, 18, 4", // above rounding
    "NaN, 0, 18, 4",
    "2, 2, 9, 4", // ρ = 1/2
    "2, 4, 18, 4", // ρ = 0: as far down as up
    "2, NaN, 18, 4",
    "-1, 4, 9, 1", // more than rounding: objectives count, ρ = 1/2
  })
  void withinTheRoundingSlopesCount(float change, float slope, float lambda, float rounding) {
    set(Control.ACCEPTED, 1);
    set(Control.LOSS, 1e6f * rounding).set(Control.NEW_LOSS, 1e6f * rounding + change);
    set(Control.SLOPE, -4f).set(ControlExact.NEW_SLOPE, slope);
    set(Control.PREDICTED, -2f).set(Control.LAMBDA, 9f).set(ControlExact.GROWTH, 2f);
    set(ControlExact.NEAR, 2);
    upload();
    exact.judge(s, block.pointer(), 0, 1e-3f, 1e3f);
    assertThat(real(Control.LAMBDA)).isEqualTo(lambda);
    assertThat(integer(Control.ACCEPTED)).isEqualTo(lambda > 9 ? 0 : 1);
    assertThat(integer(ControlExact.NEAR)).isEqualTo(rounding > 1 ? 3 : 0);
  }
}
