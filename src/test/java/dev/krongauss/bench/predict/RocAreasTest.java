package dev.krongauss.bench.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Areas beside their definition, pair by pair. */
final class RocAreasTest {
  @Test
  void twoClassesAsPairsHaveThem() {
    float[] logits = {-2, 1, 0, -0f, 3, -1, 1, 1};
    int[] targets = {0, 1, 0, 1, 1, 0, 0, 1};
    RocAreas areas = new RocAreas(1);
    for (int n = 0; n < logits.length; n++) {
      areas.add(logits, n, targets[n]);
    }
    // 16 pairs: 1 beats -2, 0, -1 and ties 1 (twice so); -0 beats -2, -1 and ties 0; 3 beats all.
    assertThat(areas.mean()).isEqualTo((3.5 + 2.5 + 4 + 3.5) / 16);
  }

  @Test
  void classesAreTheMeanOfEachAgainstTheOthers() {
    int n = 2000; // more than the first memory
    int classes = 3;
    SplittableRandom random = new SplittableRandom(5);
    double[][] odds = new double[classes][n];
    int[] targets = new int[n];
    RocAreas areas = new RocAreas(classes);
    for (int row = 0; row < n; row++) {
      targets[row] = random.nextInt(classes);
      float[] logits = new float[classes];
      for (int k = 0; k < classes; k++) {
        logits[k] = (float) (4 * random.nextDouble() + (k == targets[row] ? 1 : 0));
      }
      for (int k = 0; k < classes; k++) {
        double others = 0;
        for (int j = 0; j < classes; j++) {
          others += j == k ? 0 : Math.exp(logits[j]);
        }
        odds[k][row] = logits[k] - Math.log(others);
      }
      areas.add(logits, 0, targets[row]);
    }
    double mean = 0;
    for (int k = 0; k < classes; k++) {
      mean += pairs(odds[k], targets, k) / classes;
    }
    // Rounding to float makes equal, of a million pairs, few: those within 2^-22 of each other.
    assertThat(areas.mean()).isCloseTo(mean, within(1e-5));
  }

  @Test
  void withoutBothKindsOrWithTooManyRowsThereIsNone() {
    RocAreas one = new RocAreas(1);
    one.add(new float[] {1}, 0, 1);
    assertThat(one.mean()).isNaN();
    RocAreas many = new RocAreas(1, 2);
    many.add(new float[] {1}, 0, 1);
    many.add(new float[] {0}, 0, 0);
    assertThat(many.mean()).isEqualTo(1);
    many.add(new float[] {0}, 0, 0);
    assertThat(many.mean()).isNaN();
  }

  private static double pairs(double[] odds, int[] targets, int positive) {
    double won = 0;
    long all = 0;
    for (int a = 0; a < odds.length; a++) {
      for (int b = 0; b < odds.length; b++) {
        if (targets[a] == positive && targets[b] != positive) {
          won += odds[a] > odds[b] ? 1 : odds[a] == odds[b] ? 0.5 : 0;
          all++;
        }
      }
    }
    return won / all;
  }
}
