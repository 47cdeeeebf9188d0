package dev.krongauss.bench.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The mean of the last ten. */
final class SlidingMeanTest {
  @Test
  void averagesWhatIsThereAndThenTheLastOnes() {
    SlidingMean mean = new SlidingMean(3);
    assertThat(mean.add(6)).isEqualTo(6);
    assertThat(mean.add(2)).isEqualTo(4);
    assertThat(mean.add(1)).isEqualTo(3);
    assertThat(mean.add(0)).isEqualTo(1);
    assertThat(mean.add(-1)).isEqualTo(0);
  }

  @Test
  void forgetsANumberThatIsNone() {
    SlidingMean mean = new SlidingMean(2);
    assertThat(mean.add(Double.NaN)).isNaN();
    assertThat(mean.add(1)).isNaN();
    assertThat(mean.add(3)).isEqualTo(2);
  }
}
