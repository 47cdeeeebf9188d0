package dev.krongauss.precondition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Neighbouring layers for each rank, against all ways to cut them. */
final class LayerOwnersTest {
  @Test
  void noOtherCutHasLessForTheBusiest() {
    SplittableRandom random = new SplittableRandom(1);
    for (int trial = 0; trial < 200; trial++) {
      int n = 1 + random.nextInt(9);
      int parts = 1 + random.nextInt(n);
      double[] cost = random.doubles(n, 0, 10).toArray();
      int[] first = LayerOwners.cut(cost, parts);
      assertThat(first).hasSize(parts + 1).startsWith(0).endsWith(n);
      double busiest = 0;
      for (int r = 0; r < parts; r++) {
        assertThat(first[r + 1]).isGreaterThan(first[r]);
        busiest = Math.max(busiest, Arrays.stream(cost, first[r], first[r + 1]).sum());
      }
      assertThat(busiest).isCloseTo(least(cost, 0, parts), within());
    }
  }

  private static Offset<Double> within() {
    return Offset.offset(1e-9); // the order of a few additions
  }

  /** Of all cuts of the pieces from {@code begin} on. */
  private static double least(double[] cost, int begin, int parts) {
    if (parts == 1) {
      return Arrays.stream(cost, begin, cost.length).sum();
    }
    double least = Double.POSITIVE_INFINITY;
    for (int end = begin + 1; end <= cost.length - parts + 1; end++) {
      double part = Arrays.stream(cost, begin, end).sum();
      least = Math.min(least, Math.max(part, least(cost, end, parts - 1)));
    }
    return least;
  }
}
