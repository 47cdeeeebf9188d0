package dev.krongauss.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.testing.TestDevice;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The decisions of {@code kernels/control.cu} as truth tables. */
final class ControlTest {
  private static final float NAN = Float.NaN;
  private static final float INFINITY = Float.POSITIVE_INFINITY;
  private static final float OMEGA = 0.5f;
  private static final int RUNGS = 3;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final Control control = new Control(device);
  private final Arena arena = device.newArena("control test");
  private final Buffer block = arena.floats(Control.SLOTS, "scalars");
  private final Buffer infos = arena.ints(RUNGS * 2, "infos");
  private final Buffer gammas = arena.floats(RUNGS, "gammas");
  private final Buffer triedInfos = arena.ints(Control.CANDIDATES * 2, "candidates' infos");
  private final Buffer triedGammas = arena.floats(Control.CANDIDATES, "candidates' gammas");
  private final Buffer tried =
      arena.floats(Control.CANDIDATES * Control.MEASURES, "candidates' measures");
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
    control.begin(s, block.pointer(), 0.25f, false);
    assertThat(real(Control.GAMMA)).isEqualTo(9);
    control.begin(s, block.pointer(), 0.25f, true);
    assertThat(real(Control.GAMMA)).isEqualTo(1);
    assertThat(integer(Control.STEP)).isEqualTo(2);
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

  private void usual() {
    floats.clear();
    ints.clear();
    set(Control.LOSS, 1f).set(Control.SLOPE, -1f).set(Control.DIRECTION2, 1f);
    set(Control.CURVATURE, 1f).set(Control.LAMBDA, 1f);
  }

  /** λ doubles where the update is rejected. */
  private void rescale(float eta, boolean rescaling) {
    rescale(eta, rescaling, false);
  }

  private void rescale(float eta, boolean rescaling, boolean gammaAdapts) {
    rescale(new Control.Rules(eta, 2, 1e3f, rescaling, false, true, gammaAdapts));
  }

  private void rescale(Control.Rules rules) {
    control.rescale(s, block.pointer(), ladder(), rules);
  }

  private Control.Dampings ladder() {
    return new Control.Dampings(infos.pointer(), gammas.pointer(), RUNGS, 2);
  }

  private Control.Dampings candidates() {
    return new Control.Dampings(triedInfos.pointer(), triedGammas.pointer(), Control.CANDIDATES, 2);
  }

  private static Float[] boxed(float[] values) {
    Float[] boxed = new Float[values.length];
    Arrays.setAll(boxed, i -> values[i]);
    return boxed;
  }

  private static int[] ints(String values) {
    return Arrays.stream(values.split(" ")).mapToInt(Integer::parseInt).toArray();
  }

  private static float[] floats(String values) {
    String[] parts = values.split(" ");
    float[] floats = new float[parts.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = Float.parseFloat(parts[i]);
    }
    return floats;
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
