package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The generator behind all random data. */
final class SplitMixTest {
  @Test
  void uniformNumbersFillTheirRange() {
    SplitMix random = SplitMix.of(1, 2);
    int n = 100_000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double u = random.uniform(-1, 3);
      assertThat(u).isBetween(-1.0, 3.0);
      sum += u;
      squares += u * u;
    }
    double mean = sum / n;
    double deviation = 4 / Math.sqrt(12);
    assertThat(mean).isCloseTo(1, within(4 * deviation / Math.sqrt(n)));
    assertThat(squares / n - mean * mean).isCloseTo(deviation * deviation, within(0.02));
  }

  @Test
  void integersAreEquallyFrequent() {
    SplitMix random = SplitMix.of(3, 0);
    int n = 70_000;
    int[] count = new int[7];
    for (int i = 0; i < n; i++) {
      count[random.nextInt(7)]++;
    }
    for (int c : count) {
      assertThat(c).isCloseTo(n / 7, within(5 * (int) Math.sqrt(n / 7.0)));
    }
    assertThat(random.nextInt(1)).isZero();
  }

  @Test
  void neighbouringStreamsAndSeedsDiffer() {
    long a = SplitMix.of(1, 0).nextLong();
    assertThat(SplitMix.of(1, 0).nextLong()).isEqualTo(a);
    assertThat(SplitMix.of(1, 1).nextLong()).isNotEqualTo(a);
    assertThat(SplitMix.of(2, 0).nextLong()).isNotEqualTo(a);
  }
}
