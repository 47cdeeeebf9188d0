package dev.krongauss.diagnose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Faults that need more than a layer of its own to be seen, a hundred times each. */
final class NetworkFaultsTest {
  private static final int CASES = 100;

  /** What is wanted: faults by layer, in order. */
  private record Wanted(Fault fault, int... layers) {
    List<String> all() {
      List<String> all = new ArrayList<>();
      for (int l : layers) {
        all.add(fault + " " + l);
      }
      return all;
    }
  }

  private interface Export {
    void write(Diagnosis.Builder builder, Trainer t, SplittableRandom random);
  }

  @TestFactory
  Stream<DynamicTest> faults() {
    return Stream.of(
        test("sum of the batch", NetworkFaultsTest::summed, new Wanted(Fault.SUMMED, 0, 1, 2)),
        test("δ of a mean loss", NetworkFaultsTest::divided, new Wanted(Fault.DELTAS_DIVIDED, 2)),
        test("targets shifted", NetworkFaultsTest::shifted, new Wanted(Fault.TARGETS_SHIFTED, 2)),
        test("another loss", NetworkFaultsTest::otherLoss, new Wanted(Fault.OTHER_DELTAS, 2)),
        test(
            "from the output on",
            NetworkFaultsTest::swapped,
            new Wanted(Fault.LAYERS_SWAPPED, 0, 2)),
        test("clipped", NetworkFaultsTest::clipped, new Wanted(Fault.CLIPPED, 0, 1, 2)),
        test("before tanh", NetworkFaultsTest::before, new Wanted(Fault.BEFORE_ACTIVATION, 1)),
        test("by the outputs", NetworkFaultsTest::after, new Wanted(Fault.AFTER_ACTIVATION, 0)),
        test(
            "δ of another batch",
            NetworkFaultsTest::otherDeltas,
            new Wanted(Fault.OTHER_DELTAS, 1)),
        test("few rows, stale", NetworkFaultsTest::fewRows, new Wanted(Fault.OTHER_ACTIVATIONS, 1)),
        test("a row dropped", NetworkFaultsTest::dropped, new Wanted(Fault.ROWS_SHIFTED, 1)));
  }

  private static DynamicTest test(String name, Export export, Wanted wanted) {
    return DynamicTest.dynamicTest(name, () -> isFound(export, wanted));
  }

  private static void isFound(Export export, Wanted wanted) {
    List<String> misses = new ArrayList<>();
    for (int seed = 0; seed < CASES; seed++) {
      SplittableRandom random = new SplittableRandom(2_000_000L + seed);
      int d = 5 + random.nextInt(20);
      boolean few = wanted.fault() == Fault.OTHER_DELTAS && wanted.layers()[0] == 1;
      boolean wide = few || wanted.fault() == Fault.OTHER_ACTIVATIONS;
      int N = wide ? d / 2 + 1 : 11 + random.nextInt(200);
      Trainer t = new Trainer(random, N, 1, d, d, d, d);
      Diagnosis.Builder builder = Diagnosis.of(N);
      export.write(builder, t, random);
      Diagnosis diagnosis = builder.run();
      List<String> found =
          diagnosis.findings().stream().map(f -> f.fault() + " " + f.layer()).toList();
      if (!found.equals(wanted.all())) {
        misses.add("seed %d: %s".formatted(seed, diagnosis));
      }
    }
    assertThat(misses).isEmpty();
  }

  private static void summed(Diagnosis.Builder builder, Trainer t, SplittableRandom random) {
    builder.top(t.predictions, t.targets);
    for (int l = 0; l < t.layers(); l++) {
      builder.layer(
          new LayerArrays(t.activations[l], t.deltas[l], Plant.times(t.gradients[l], t.N)));
    }
  }

  private static void divided(Diagnosis.Builder builder, Trainer t, SplittableRandom random) {
    builder.top(t.predictions, t.targets);
    for (int l = 0; l < t.layers(); l++) {
      builder.layer(
          new LayerArrays(t.activations[l], Plant.times(t.deltas[l], 1.0 / t.N), t.gradients[l]));
    }
  }

  private static void shifted(Diagnosis.Builder builder, Trainer t, SplittableRandom random) {
    int by = 1 + random.nextInt(4);
    int[] rows = new int[t.R()];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = Math.floorMod(r + by, rows.length);
    }
    builder.top(t.predictions, t.targets.rows(rows)); // those that belong to them, seen from t's
    all(builder, t);
  }

  private static void otherLoss(Diagnosis.Builder builder, Trainer t, SplittableRandom random) {
    builder.top(t.predictions, t.gaussian(t.R(), t.sizes[3], 1));
    all(builder, t);
  }

  private static void swapped(Diagnosis.Builder builder, Trainer t, SplittableRandom random) {
    for (int l = 0; l < t.layers(); l++) {
      builder.layer(
          new LayerArrays(t.activations[l], t.deltas[l], t.gradients[t.layers() - 1 - l]));
    }
  }

  private static void clipped(Diagnosis.Builder builder, Trainer t, SplittableRandom random) {
    double sum = 0;
    for (Values each : t.gradients) {
      for (float g : each.values()) {
        sum += (double) g * g;
      }
    }
    double limit =
        Math.pow(10, Math.floor(Math.log10(Math.sqrt(sum))) - 1) * (1 + random.nextInt(9));
    for (int l = 0; l < t.layers(); l++) {
      builder.layer(
          new LayerArrays(
              t.activations[l],
              t.deltas[l],
              Plant.times(t.gradients[l], limit / (Math.sqrt(sum) + 1e-6))));
    }
  }

  private static void before(Diagnosis.Builder builder, Trainer t, SplittableRandom random) {
    builder.layer(t.layer(0));
    builder.layer(new LayerArrays(t.before[0], t.deltas[1], t.gradients[1]));
    builder.layer(t.layer(2));
  }

  private static void after(Diagnosis.Builder builder, Trainer t, SplittableRandom random) {
    builder.layer(new LayerArrays(t.activations[0], t.outputGradients[0], t.gradients[0]));
    builder.layer(t.layer(1));
    builder.layer(t.layer(2));
  }

  private static void otherDeltas(Diagnosis.Builder builder, Trainer t, SplittableRandom random) {
    builder.layer(t.layer(0));
    builder.layer(
        new LayerArrays(t.activations[1], t.gaussian(t.R(), t.sizes[2], 1), t.gradients[1]));
    builder.layer(t.layer(2));
  }

  private static void fewRows(Diagnosis.Builder builder, Trainer t, SplittableRandom random) {
    builder.layer(t.layer(0));
    Values other = t.gaussian(t.R(), t.sizes[1], 1);
    builder.layer(
        new LayerArrays(other, t.deltas[1], t.gradients[1].columns(0, t.sizes[1])).withoutBias());
    builder.layer(t.layer(2));
  }

  /** The first row is gone from δ, and one of the next batch has come behind the last. */
  private static void dropped(Diagnosis.Builder builder, Trainer t, SplittableRandom random) {
    Values next = t.gaussian(1, t.sizes[2], 0.1);
    float[] values = new float[t.deltas[1].values().length];
    int d = t.sizes[2];
    System.arraycopy(t.deltas[1].values(), d, values, 0, values.length - d);
    System.arraycopy(next.values(), 0, values, values.length - d, d);
    builder.layer(t.layer(0));
    builder.layer(new LayerArrays(t.activations[1], new Values(t.R(), d, values), t.gradients[1]));
    builder.layer(t.layer(2));
  }

  private static void all(Diagnosis.Builder builder, Trainer t) {
    for (int l = 0; l < t.layers(); l++) {
      builder.layer(t.layer(l));
    }
  }

  @Test
  void twoFaultsOfDifferentKindsAreBothFound() {
    Trainer t = new Trainer(new SplittableRandom(3), 64, 1, 9, 7);
    int[] rows = new int[64];
    for (int r = 0; r < 64; r++) {
      rows[r] = (r + 1) % 64;
    }
    Diagnosis diagnosis =
        Diagnosis.of(64)
            .layer(
                new LayerArrays(
                    t.activations[0], t.deltas[0].rows(rows), Plant.times(t.gradients[0], 64)))
            .run();
    assertThat(diagnosis.findings())
        .extracting(Finding::fault)
        .containsExactly(Fault.ROWS_SHIFTED, Fault.SUMMED_OR_DIVIDED);
    assertThat(diagnosis.findings().get(0).number()).isEqualTo(-1);
    assertThat(diagnosis.toString())
        .contains("layer 0: the gradient is N = 2^6 = 64 times the mean of δ āᵀ of these")
        .contains("-> " + Fault.SUMMED_OR_DIVIDED.remedy());
  }

  /** 20,000 equal rows, added one by one: a drift of many roundings that are all of one sign. */
  @Test
  void digitsThatALoopLosesAreSaidToBeLost() {
    int N = 20_000;
    float[] a = new float[2 * N];
    float[] d = new float[N];
    float sum = 0;
    for (int n = 0; n < N; n++) {
      a[2 * n] = 1;
      a[2 * n + 1] = 1;
      d[n] = 0.1f;
      sum += 0.1f;
    }
    float g = sum / N;
    Diagnosis diagnosis =
        Diagnosis.of(N)
            .layer(
                new LayerArrays(
                    new Values(N, 2, a), new Values(N, 1, d), new Values(1, 2, new float[] {g, g})))
            .run();
    assertThat(diagnosis.findings()).extracting(Finding::fault).containsExactly(Fault.ROUNDING);
    assertThat(diagnosis.findings().get(0).number()).isBetween(1e-5, 1e-2);
  }

  @Test
  void aGradientWithinRoundingOfZeroTellsNothing() {
    float[] a = {1, 1, 1, 1};
    Diagnosis diagnosis =
        Diagnosis.of(2)
            .layer(
                new LayerArrays(
                    new Values(2, 2, a),
                    new Values(2, 1, new float[] {1, -1}),
                    new Values(1, 2, new float[2])))
            .run();
    assertThat(diagnosis.sound()).isTrue();
    assertThat(diagnosis.untold()).containsExactly(0);
    assertThat(diagnosis.toString()).contains("not told of layer 0");
  }

  @Test
  void whatCannotBeReadIsRefusedOrSaid() {
    assertThatThrownBy(() -> Diagnosis.of(0)).hasMessageContaining("0 datapoints");
    assertThatThrownBy(() -> Diagnosis.of(2).positions(0)).hasMessageContaining("0 positions");
    assertThatThrownBy(() -> Diagnosis.of(2).run()).hasMessageContaining("no layer");
    assertThatThrownBy(() -> new Values(2, 2, new float[3])).hasMessageContaining("3 values");
    Trainer t = new Trainer(new SplittableRandom(4), 6, 1, 3, 2);
    assertThat(Diagnosis.of(5).layer(t.layer(0)).run().findings())
        .extracting(Finding::fault)
        .containsExactly(Fault.SHAPE);
    assertThat(
            Diagnosis.of(6)
                .layer(t.layer(0).withWeights(new Values(1, 1, new float[1])))
                .run()
                .findings())
        .extracting(Finding::sentence)
        .containsExactly("weights are [1][1], and the gradient is [2][4]: not looked at");
  }
}
