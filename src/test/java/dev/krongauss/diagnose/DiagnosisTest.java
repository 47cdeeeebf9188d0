package dev.krongauss.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** No false alarm in a thousand random trainings; every planted fault found, by its name, alone. */
final class DiagnosisTest {
  private static final int RIGHT = 1000;
  private static final int PLANTED = 100;

  @Test
  void whatIsRightIsNotBlamed() {
    List<String> alarms = new ArrayList<>();
    for (int seed = 0; seed < RIGHT; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int[] sizes = sizes(random, 1);
      Trainer t = new Trainer(random, 1 + random.nextInt(300), 1 + random.nextInt(4), sizes);
      Diagnosis.Builder builder = Diagnosis.of(t.N).positions(t.T).top(t.predictions, t.targets);
      for (int l = 0; l < t.layers(); l++) {
        builder.layer(
            t.layer(l)
                .withWeights(t.weights[l])
                .withPreviousGradient(t.gaussian(sizes[l + 1], sizes[l] + 1, 1))
                .withPreviousActivations(t.gaussian(t.R(), sizes[l] + 1, 1)));
      }
      Diagnosis diagnosis = builder.run();
      if (!diagnosis.sound()) {
        alarms.add("seed " + seed + ": " + diagnosis);
      }
    }
    assertThat(alarms).isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> everyPlantedFaultIsFoundAndNoOther() {
    return Plant.all().stream()
        .map(each -> DynamicTest.dynamicTest(each.name(), () -> plantedIsFound(each)));
  }

  private static void plantedIsFound(Plant.Case planted) {
    List<String> misses = new ArrayList<>();
    for (int seed = 0; seed < PLANTED; seed++) {
      SplittableRandom random = new SplittableRandom(1_000_000L + seed);
      // From five on, two orders of rows or columns, or two counts, are hardly the same by chance.
      int N = 11 + random.nextInt(200);
      int T = planted.wanted() == Fault.OUTPUTS_AVERAGED ? 1 : 2 + random.nextInt(4);
      Trainer t = new Trainer(random, N, T, sizes(random, 7));
      int broken = random.nextInt(t.layers());
      Diagnosis.Builder builder = Diagnosis.of(N).positions(T);
      for (int l = 0; l < t.layers(); l++) {
        builder.layer(l == broken ? planted.planter().plant(t, l, random) : t.layer(l));
      }
      Diagnosis diagnosis = builder.run();
      List<Finding> found = diagnosis.findings();
      if (found.size() != 1
          || found.get(0).fault() != planted.wanted()
          || found.get(0).layer() != broken) {
        misses.add("seed %d, layer %d: %s".formatted(seed, broken, diagnosis));
      }
    }
    assertThat(misses).isEmpty();
  }

  private static int[] sizes(SplittableRandom random, int least) {
    int[] sizes = new int[2 + random.nextInt(3)];
    for (int l = 0; l < sizes.length; l++) {
      sizes[l] = least + random.nextInt(random.nextBoolean() ? 5 : 40);
    }
    return sizes;
  }
}
