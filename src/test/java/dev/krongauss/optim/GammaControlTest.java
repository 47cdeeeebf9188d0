package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.argument.Beginning;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The decisions of {@code kernels/control.cu} on γ as truth tables. */
final class GammaControlTest extends ControlFixture {
  @ParameterizedTest(name = "infos {0}: rung {1}, factor {2}, column {3}")
  @CsvSource({
    "0 0 0 0 0 0, 0, -1, 0",
    "0 0 7 7 9 9, 0, -1, 0", // rows behind the first success are of other refreshes
    "0 7 0 0 9 9, 1, -1, 0",
    "3 0 0 5 0 0, 2, -1, 0",
    "3 7 0 5 2 0, 2, 0, 2", // all fail: the last one is named
    "3 7 0 5 0 4, 2, 1, 4",
  })
  void theFirstRungThatHoldsIsTaken(String rows, int rung, int factor, int column) {
    for (boolean adapts : new boolean[] {false, true}) {
      usual();
      set(Control.GAMMA, 0.125f);
      upload();
      infos.uploadInts(ints(rows), s);
      gammas.upload(new float[] {0.25f, 2.5f, 25}, s);
      rescale(0, true, adapts);
      boolean failed = factor >= 0;
      assertThat(integer(Control.RUNG)).isEqualTo(rung);
      assertThat(real(Control.FACTOR_GAMMA)).isEqualTo(List.of(0.25f, 2.5f, 25f).get(rung));
      assertThat(integer(Control.FAILED_FACTOR)).isEqualTo(factor);
      assertThat(integer(Control.FAILED_COLUMN)).isEqualTo(column);
      assertThat(integer(Control.REASON)).isEqualTo(failed ? Control.REASON_FACTOR : 0);
      assertThat(integer(Control.ACCEPTED)).isEqualTo(failed ? 0 : 1);
      float climbed = failed ? 0.125f * (float) Math.sqrt(2) : List.of(0.125f, 2.5f, 25f).get(rung);
      assertThat(real(Control.GAMMA)).isEqualTo(adapts ? climbed : 0.125f);
    }
  }

  @Test
  void anAdaptedGammaNeverFallsToThatOfARung() {
    usual();
    set(Control.GAMMA, 5f); // has grown since the refresh
    upload();
    infos.uploadInts(ints("1 0 0 0 0 0"), s);
    gammas.upload(new float[] {0.25f, 2.5f, 25}, s);
    rescale(0, true, true);
    assertThat(real(Control.GAMMA)).isEqualTo(5);
  }

  /** Candidates a, b, c as slope, ‖Δ‖², curvature; λ = 1 and η = 0, M = −slope² / 2 q. */
  @ParameterizedTest(name = "{0} | {1} | {2}, infos {3}: candidate {4}")
  @CsvSource({
    "-1 1 1, -1 1 1, -1 1 1, 0 0 0 0 0 0, 0", // equals: the present gamma
    "-1 1 1, -2 1 1, -1 1 1, 0 0 0 0 0 0, 1",
    "-1 1 1, -2 1 1, -3 1 1, 0 0 0 0 0 0, 2",
    "-1 1 1, -2 1 1, -2 1 1, 0 0 0 0 0 0, 1",
    "-1 1 1, -2 1 1, -2 1 1, 0 0 0 4 0 0, 2", // a failed factor
    "-1 1 1, -2 1 1, -3 1 1, 0 0 4 0 0 4, 0",
    "-9 1 1, -2 1 1, -3 1 1, 4 0 0 0 0 0, 2",
    "NaN 1 1, -2 1 1, -3 1 1, 0 0 0 0 0 0, 2",
    "-9 NaN 1, -2 1 1, -1 1 1, 0 0 0 0 0 0, 1",
    "-9 1 NaN, -2 1 1, -1 1 1, 0 0 0 0 0 0, 1",
    "-9 1 Infinity, 2 1 1, -1 1 1, 0 0 0 0 0 0, 2", // M = −0; uphill
    "-1 1 1, -Infinity 1 1, -2 1 1, 0 0 0 0 0 0, 2",
    "-1 1 1, -2e38 1e-3 1e-3, -2 1 1, 0 0 0 0 0 0, 2", // M overflows
    "0 0 0, 0 0 0, 0 0 0, 0 0 0 0 0 0, 0", // nothing to do
    "NaN 1 1, NaN 1 1, NaN 1 1, 0 0 0 0 0 0, 0", // all out
    "-1 1 1, -2 1 1, -3 1 1, 4 0 0 5 6 0, 0",
  })
  void theCandidateWithTheLowestPredictionIsChosen(
      String a, String b, String c, String failures, int wanted) {
    usual();
    upload();
    tried.upload(floats(a + " " + b + " " + c), s);
    triedInfos.uploadInts(ints(failures), s);
    triedGammas.upload(new float[] {2, 1, 4}, s);
    infos.uploadInts(ints("9 9 9 9 9 9"), s);
    control.choose(s, block.pointer(), tried.pointer(), 0, candidates(), ladder(), 0, true);
    assertThat(integer(Control.CHOICE)).isEqualTo(wanted);
    assertThat(real(Control.GAMMA)).isEqualTo(List.of(2f, 1f, 4f).get(wanted));
    Float[] measures = {real(Control.SLOPE), real(Control.DIRECTION2), real(Control.CURVATURE)};
    assertThat(measures).containsExactly(boxed(floats(List.of(a, b, c).get(wanted))));

    float gamma = real(Control.GAMMA);
    assertThat(gammas.downloadFloats(RUNGS, s)).containsExactly(gamma, gamma, gamma);
    int[] all = ints(failures);
    int first = all[2 * wanted];
    int second = all[2 * wanted + 1];
    assertThat(infos.downloadInts(2 * RUNGS, s))
        .containsExactly(first, second, first, second, first, second);
  }

  @Test
  void withoutRescalingTheCandidatesKeepTheirLengths() {
    // Rescaled, the long step would promise more; as it is it goes uphill.
    usual();
    upload();
    tried.upload(floats("-1 0 1 -8 0 32 -1 0 1"), s);
    triedInfos.uploadInts(ints("0 0 0 0 0 0"), s);
    triedGammas.upload(new float[] {2, 1, 4}, s);
    control.choose(s, block.pointer(), tried.pointer(), 0, candidates(), ladder(), 0, false);
    assertThat(integer(Control.CHOICE)).isZero();
  }

  @Test
  void gammaFollowsLambdaWhereAsked() {
    set(Control.LAMBDA, 0.75f).set(Control.GAMMA, 9f);
    upload();
    control.begin(s, new Beginning(block.pointer(), 0.25f, false, Beginning.NO_AVERAGE));
    assertThat(real(Control.GAMMA)).isEqualTo(9);
    control.begin(s, new Beginning(block.pointer(), 0.25f, true, Beginning.NO_AVERAGE));
    assertThat(real(Control.GAMMA)).isEqualTo(1);
    assertThat(integer(Control.STEP)).isEqualTo(2);
  }

  private static Float[] boxed(float[] values) {
    Float[] boxed = new Float[values.length];
    Arrays.setAll(boxed, i -> values[i]);
    return boxed;
  }
}
