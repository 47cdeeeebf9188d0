package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.ControlLayers;
import dev.krongauss.kernel.argument.Beginning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How an update with a step size a layer begins and is judged, as truth tables. */
final class ControlLayersTest extends LayersFixture {
  @Test
  void anUpdateIsJudgedByItsSystem() {
    set(Control.NORM2, NAN).set(Control.MU, 7f); // of the update before
    decide(true);
    // A = diag(1 + 0.75 * 2, 3 + 0.75), and the ridge
    float[] wanted = {3 / 2.5f, 7 / 3.75f};
    float[] got = x.downloadFloats(LAYERS, s);
    for (int l = 0; l < LAYERS; l++) {
      assertThat(got[l]).isCloseTo(wanted[l], offset(3e-6f));
    }
    assertThat(real(Control.NORM2)).isEqualTo(5 + 3);
    assertThat(real(Control.OBJECTIVE)).isEqualTo(1 + 0.125f * 8);
    assertThat(real(Control.SLOPE)).isEqualTo(-10);
    assertThat(real(Control.DIRECTION2)).isEqualTo(3);
    assertThat(real(Control.ALPHA)).isEqualTo(10 / 6.25f);
    assertThat(real(Control.COMMON_STEP)).isEqualTo(10 / 6.25f);
    assertThat(real(Control.MU)).isZero();
    float predicted = -0.5f * (9 / 2.5f + 49 / 3.75f);
    assertThat(real(Control.PREDICTED)).isCloseTo(predicted, offset(1e-5f));
    assertThat(integer(Control.ACCEPTED)).isEqualTo(1);
    assertThat(integer(Control.APPLIED)).isEqualTo(1);
    assertThat(integer(Control.REJECTED)).isZero();
    assertThat(integer(Control.REASON)).isZero();
    assertThat(real(Control.LAMBDA)).isEqualTo(0.5f);
  }

  /** λ + η and κ are those of the block. */
  @Test
  void kappaDampsInTheMetricOfTheFactors() {
    measures.upload(new float[] {-2, -2, 0, 0, 2, 2, 0, 0}, s);
    C.upload(new float[] {2, NAN, 0, 2}, s);
    set(Control.KAPPA, 0.5f);
    decide(true);
    assertThat(real(Control.COMMON_STEP)).isEqualTo(1);
    assertThat(x.downloadFloats(LAYERS, s)[1]).isCloseTo(2 / 3f, offset(2e-6f));
  }

  @Test
  void everythingNonFiniteIsRejectedWithItsReason() {
    rejects(Control.LOSS, NAN, Control.REASON_LOSS);
    rejects(Control.LOSS, INFINITY, Control.REASON_LOSS);
    rejects(Control.KAPPA, NAN, Control.REASON_STEP);
    for (int l = 0; l < LAYERS; l++) {
      rejectsMeasure(l, NAN, Control.REASON_GRADIENT | Control.REASON_STEP);
      rejectsMeasure(l, -INFINITY, Control.REASON_GRADIENT | Control.REASON_STEP);
      rejectsMeasure(LAYERS + l, NAN, Control.REASON_STEP);
      rejectsMeasure(2 * LAYERS + l, INFINITY, Control.REASON_STEP);
      rejectsMeasure(3 * LAYERS + l, NAN, Control.REASON_LOSS);
      rejectsMeasure(3 * LAYERS + l, INFINITY, Control.REASON_LOSS);
    }
    usualSystem();
    C.upload(new float[] {1, NAN, NAN, 3}, s);
    rejected(Control.REASON_STEP);
    usualSystem();
    C.upload(new float[] {1, NAN, 0, -30}, s);
    rejected(Control.REASON_STEP); // no minimum
  }

  private void rejects(int slot, float value, int reason) {
    usualSystem();
    set(slot, value);
    rejected(reason);
  }

  private void rejectsMeasure(int k, float value, int reason) {
    usualSystem();
    float[] values = usualMeasures();
    values[k] = value;
    measures.upload(values, s);
    rejected(reason);
  }

  private void rejected(int reason) {
    decide(true);
    assertThat(integer(Control.REASON)).isEqualTo(reason);
    assertThat(integer(Control.ACCEPTED)).isZero();
    assertThat(integer(Control.APPLIED)).isZero();
    assertThat(integer(Control.REJECTED)).isEqualTo(5);
    assertThat(real(Control.LAMBDA)).isEqualTo(1);
  }

  @Test
  void aStationaryPointIsAccepted() {
    C.upload(new float[] {0, NAN, 0, 0}, s);
    measures.upload(new float[4 * LAYERS], s);
    decide(true);
    assertThat(integer(Control.ACCEPTED)).isEqualTo(1);
    assertThat(x.downloadFloats(LAYERS, s)).containsOnly(0);
    assertThat(real(Control.ALPHA)).isZero();
    assertThat(real(Control.PREDICTED)).isZero();
  }

  @ParameterizedTest(name = "infos {0}: rung {1}, factor {2}, column {3}")
  @CsvSource({
    "0 0 7 7 9 9, 0, -1, 0",
    "0 7 0 0 9 9, 1, -1, 0",
    "3 7 0 5 0 4, 2, 1, 4",
  })
  void theFirstRungThatHoldsIsTaken(String rows, int rung, int factor, int column) {
    for (boolean adapts : new boolean[] {false, true}) {
      set(Control.GAMMA, 0.125f);
      infos.uploadInts(ints(rows), s);
      decide(adapts);
      boolean failed = factor >= 0;
      assertThat(integer(Control.RUNG)).isEqualTo(rung);
      assertThat(real(Control.FACTOR_GAMMA)).isEqualTo(gammas.downloadFloats(RUNGS, s)[rung]);
      assertThat(integer(Control.FAILED_FACTOR)).isEqualTo(factor);
      assertThat(integer(Control.FAILED_COLUMN)).isEqualTo(column);
      assertThat(integer(Control.REASON)).isEqualTo(failed ? Control.REASON_FACTOR : 0);
      assertThat(real(Control.LAMBDA)).isEqualTo(failed && adapts ? 1 : 0.5f);
    }
  }

  @ParameterizedTest(name = "after {0} applied updates mu {1}")
  @CsvSource({
    "0, 0",
    "2, 0",
    "3, 0.5",
    "1000, 0.5",
    "4294967297, 0.5", // the lower word alone would begin anew
  })
  void gradientsAreAveragedFromTheFourthUpdate(long applied, float mu) {
    set(Control.APPLIED, (int) applied).set(Control.APPLIED_HIGH, (int) (applied >>> 32));
    set(Control.LAMBDA, 0.75f).set(Control.GAMMA, 9f).set(Control.KAPPA, 0.125f);
    upload();
    ControlLayers layers = new ControlLayers(device);
    layers.begin(s, new Beginning(block.pointer(), 0.25f, false, 0.5f));
    assertThat(real(Control.GAMMA)).isEqualTo(9);
    layers.begin(s, new Beginning(block.pointer(), 0.25f, true, 0.5f));
    assertThat(real(Control.GAMMA)).isEqualTo(1);
    assertThat(integer(Control.STEP)).isEqualTo(2);
    assertThat(real(Control.GRADIENT_DECAY)).isEqualTo(mu);
    assertThat(real(Control.KAPPA)).isEqualTo(0.125f);
    assertThatThrownBy(() -> new Beginning(block.pointer(), 0, true, 1))
        .hasMessageContaining("[0, 1)");
    Beginning oneStep = new Beginning(block.pointer(), 0, true, Beginning.NO_AVERAGE);
    assertThatThrownBy(() -> layers.begin(s, oneStep)).hasMessageContaining("begins by Control");
  }
}
