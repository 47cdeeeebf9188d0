package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.krongauss.kernel.Control;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** κ as it follows the agreement of the steps, and refreshes as they follow the drift. */
final class LayerSignalsTest extends LayersFixture {
  private static final float[] BEFORE = {0.5f, 2};
  private static final int[] KAPPA_STATE = {
    Control.KAPPA, Control.AGREED, Control.PROMISED, Control.STEP_SLOPE
  };

  /** Behind an applied update, the third. */
  private void behind(float kappa, float agreed, float promised, float slope) {
    usualSystem();
    set(Control.ACCEPTED, 1).set(Control.APPLIED, 3);
    set(Control.KAPPA, kappa).set(Control.AGREED, agreed);
    set(Control.PROMISED, promised).set(Control.STEP_SLOPE, slope);
    x.upload(BEFORE, s);
  }

  /** along · x of the step before is 0.5 · first + 2 · second. */
  @ParameterizedTest(name = "{0}: sums {1}, {2}, step {3}, along {4} {5}: agreement {6}")
  @CsvSource({
    // agreement 0, within its bounds on both sides, at them and beyond
    "0.4, 0, -1, -1, 0, 0, 0",
    "0.4, 0, -1, -1, 0.095, 0, -0.025",
    "0.4, 0, -1, -1, -0.95, 0, 0.25",
    "0.4, 0, -1, -1, -1.9, 0, 0.5",
    "0.4, 0, -1, -1, 0, 0.475, -0.5",
    "0.4, 0, -1, -1, -2, -0.225, 0.7631578947",
    "0.4, 0, -1, -1, -3.8, 0, 1",
    "0.4, 0, -1, -1, -380, 0, 1",
    "0.4, 0, -1, -1, 380, 0, -1",
    // both sums decay
    "0.4, -1, -2, -0.2, 0, 0, 0.45",
    "0.4, 1, -2, -0.2, 0, 0, -0.45",
    // nothing was promised: only the sign counts, and 0 / 0 is none
    "0.4, 0, 0, 0, 1, 0, 1",
    "0.4, 0, 0, 0, -1, 0, -1",
    "0.4, 0, 0, 0, 0, 0, 0",
    "0.4, 0, 0, 0, NaN, 0, 0",
    // bounds
    "0.155, 0, -1, -1, -3.8, 0, 1",
    "0.15, 0, -1, -1, 0, 0, 0",
    "0.99, 0, -1, -1, 3.8, 0, -1",
    "1, 0, -1, -1, -0.38, 0, 0.1",
  })
  void kappaFollowsTheAgreementOfTheLastSteps(
      float kappa,
      float agreed,
      float promised,
      float slope,
      float first,
      float second,
      double agreement) {
    behind(kappa, agreed, promised, slope);
    along.upload(new float[] {first, second}, s);
    decide(true);
    double bounded = Math.max(-0.075, Math.min(agreement, 0.5));
    double wanted = Math.min(Math.max(kappa * Math.exp(-0.2 * bounded), 0.15), 1);
    assertThat(real(Control.KAPPA)).isCloseTo((float) wanted, offset((float) wanted * 3e-7f));
    float product = 0.5f * first + 2 * second;
    if (Float.isFinite(first)) {
      assertThat(real(Control.AGREED)).isCloseTo(0.9f * agreed + product, offset(1e-6f));
    }
    assertThat(real(Control.PROMISED)).isCloseTo(0.9f * promised + slope, offset(1e-6f));
    // What this step promises, with the new lengths.
    assertThat(real(Control.STEP_SLOPE)).isCloseTo(-9 / 2.5f - 49 / 3.75f, offset(1e-4f));
  }

  /** The system is solved with the new κ: one layer in the other's place, of unit common step. */
  @Test
  void theNewKappaDampsThisUpdate() {
    behind(0.5f, 0, 0, -1);
    measures.upload(new float[] {-2, -2, 0, 0, 2, 2, 0, 0}, s);
    C.upload(new float[] {2, NAN, 0, 2}, s);
    along.upload(new float[] {-1, -0.25f}, s);
    decide(true);
    double kappa = 0.5 * Math.exp(-0.1);
    assertThat(real(Control.KAPPA)).isCloseTo((float) kappa, offset(1e-7f));
    assertThat(x.downloadFloats(LAYERS, s)[1])
        .isCloseTo((float) (2 / (2 + 2 * kappa)), offset(2e-6f));
  }

  @ParameterizedTest(name = "accepted {0}, {1} applied: follows {2}")
  @CsvSource({
    "1, 0, false",
    "1, 2, false",
    "1, 3, true",
    "1, 4294967296, true", // the lower word alone would be of the first updates
    "0, 3, false",
    "0, 1000, false",
  })
  void onlyBehindAnAppliedUpdateAndNotTheFirst(int accepted, long applied, boolean follows) {
    behind(0.4f, -0.5f, -0.75f, -0.25f);
    set(Control.ACCEPTED, accepted);
    set(Control.APPLIED, (int) applied).set(Control.APPLIED_HIGH, (int) (applied >>> 32));
    along.upload(new float[] {-1, -1}, s);
    decide(true);
    assertThat(integer(Control.ACCEPTED)).isEqualTo(1);
    assertThat(real(Control.KAPPA) != 0.4f).isEqualTo(follows);
    assertThat(real(Control.AGREED) != -0.5f).isEqualTo(follows);
    assertThat(real(Control.PROMISED) != -0.75f).isEqualTo(follows);
    assertThat(real(Control.STEP_SLOPE)).isNotEqualTo(-0.25f);
  }

  @Test
  void aRejectedUpdateLeavesTheSignalsAndTheTraces() {
    behind(0.4f, -0.5f, -0.75f, -0.25f);
    set(Control.LOSS, NAN).set(Control.STEP, 9).set(Control.REFRESH_EVERY, 7);
    along.upload(new float[] {-1, -1}, s);
    traces.upload(new float[] {2, 2, 2, 2}, s);
    tracesBefore.upload(new float[] {1, 1, 1, 1}, s);
    upload();
    int[] before = block.downloadInts(Control.SLOTS, s);
    decide(true, true);
    int[] after = block.downloadInts(Control.SLOTS, s);
    assertThat(after[Control.ACCEPTED]).isZero();
    for (int slot : KAPPA_STATE) {
      assertThat(after[slot]).as("slot %d", slot).isEqualTo(before[slot]);
    }
    assertThat(tracesBefore.downloadFloats(2 * LAYERS, s)).containsOnly(1);
    assertThat(after[Control.REFRESH_EVERY]).isEqualTo(7);
    assertThat(after[Control.NEXT_REFRESH]).isEqualTo(9 + 7);
  }

  /** Traces in eighths, so that only the quotient is rounded. */
  @ParameterizedTest(name = "every {0}, traces {1} after {2}: every {3}")
  @CsvSource({
    "5, 8 8 8 8, 8 8 8 8, 10", // no drift
    "10, 8 8 8 8, 8 8 8 8, 10",
    "10, 8 8 8 10, 8 8 8 8, 6", // 10 · 0.15 / 0.25
    "10, 10 8 8 8, 8 8 8 8, 6",
    "10, 8 10 8 8, 8 8 8 8, 6",
    "10, 8 8 10 8, 8 8 8 8, 6",
    "10, 8 8 8 6, 8 8 8 8, 6", // downwards
    "10, 9 8 8 6, 8 8 8 8, 6", // the largest counts
    "5, 8 8 8 9, 8 8 8 8, 6",
    "7, 8 8 8 9, 8 8 8 8, 8", // 8.4
    "8, 8 8 8 9, 8 8 8 8, 10", // 9.6
    "10, 8 8 8 9, 8 8 8 8, 10", // 12
    "10, 8 8 8 800, 8 8 8 8, 5",
    "10, 8 8 8 8e38, 8 8 8 1e-30, 10", // beyond the floats
    "10, 8 8 8 3e38, 8 8 8 1e-30, 5", // the quotient beyond the floats
    "10, 8 0 8 10, 8 8 8 8, 6", // a dead layer says nothing, now or before
    "10, 8 8 8 10, 8 0 8 8, 6",
    "10, 8 NaN 8 10, 8 8 8 8, 6",
    "10, 8 8 8 10, 8 NaN 8 8, 6",
    "10, 8 Infinity 8 10, 8 8 8 8, 6",
    "10, 8 8 8 10, 8 Infinity 8 8, 6",
    "10, 8 -8 8 10, 8 8 8 8, 6",
    "9, 8 8 8 10, 0 0 0 0, 9", // the first refresh
    "9, 8 8 8 10, 0 8 8 8, 9",
  })
  void theIntervalFollowsTheDrift(int every, String now, String before, int wanted) {
    for (long step : new long[] {1, 100, 0xffff_ffffL - 1, (7L << 32) + 3}) {
      usualSystem();
      set(Control.STEP, (int) step).set(Control.STEP_HIGH, (int) (step >>> 32));
      set(Control.REFRESH_EVERY, every);
      traces.upload(floats(now), s);
      tracesBefore.upload(floats(before), s);
      decide(false, true);
      assertThat(integer(Control.REFRESH_EVERY)).isEqualTo(wanted);
      long next = Integer.toUnsignedLong(integer(Control.NEXT_REFRESH));
      next += (long) integer(Control.NEXT_REFRESH_HIGH) << 32;
      assertThat(next).isEqualTo(step + wanted);
      assertThat(tracesBefore.downloadFloats(2 * LAYERS, s)).containsExactly(floats(now));
    }
  }

  /** Without inverses there is nothing to wait for, and the interval is that of before. */
  @Test
  void aRefreshThatFailedIsRepeatedAsSoonAsCanBe() {
    usualSystem();
    set(Control.STEP, 12).set(Control.REFRESH_EVERY, 9);
    infos.uploadInts(new int[] {3, 0, 3, 0, 3, 0}, s);
    traces.upload(new float[] {1, 1, 1, 1}, s);
    decide(true, true);
    assertThat(integer(Control.REASON)).isEqualTo(Control.REASON_FACTOR);
    assertThat(integer(Control.NEXT_REFRESH)).isEqualTo(12 + 5);
    assertThat(integer(Control.REFRESH_EVERY)).isEqualTo(9);
  }

  @Test
  void sumsThatOverflowBeginAnew() {
    behind(0.4f, 0, -1, -1);
    x.upload(new float[] {3e38f, 3e38f}, s);
    along.upload(new float[] {3e38f, 3e38f}, s);
    decide(true);
    assertThat(integer(Control.ACCEPTED)).isEqualTo(1);
    assertThat(real(Control.AGREED)).isZero();
    assertThat(real(Control.PROMISED)).isZero();
    assertThat(real(Control.KAPPA)).isGreaterThan(0.4f);
  }

  @Test
  void anUpdateWithoutARefreshLeavesTheSchedule() {
    set(Control.STEP, 8).set(Control.REFRESH_EVERY, 7);
    set(Control.NEXT_REFRESH, 11).set(Control.NEXT_REFRESH_HIGH, 1);
    tracesBefore.upload(new float[] {1, 2, 3, 4}, s);
    decide(true);
    int[] after = block.downloadInts(Control.SLOTS, s);
    assertThat(Arrays.copyOfRange(after, Control.NEXT_REFRESH, Control.REFRESH_EVERY + 1))
        .containsExactly(11, 1, 7);
    assertThat(tracesBefore.downloadFloats(2 * LAYERS, s)).containsExactly(1, 2, 3, 4);
  }
}
