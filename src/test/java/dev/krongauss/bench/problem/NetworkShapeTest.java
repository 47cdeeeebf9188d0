package dev.krongauss.bench.problem;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Widths under a scale. */
final class NetworkShapeTest {
  @Test
  void fullSizeIsThePapers() {
    NetworkShape full = NetworkShape.autoencoder(784, 1);
    assertThat(full).hasToString("784-1000-500-250-30-250-500-1000-784");
    assertThat(full.parameters()).isEqualTo(2_837_314);
  }

  @Test
  void oddEvenEndsInTheGateAndTwoClassifiers() {
    assertThat(NetworkShape.mixture(784, 1)).hasToString("784-1000-500-250-30-3");
  }

  @Test
  void hiddenWidthsAreRoundedHalfUpAndAtLeastOne() {
    // 30 / 4 = 7.5 and 250 / 4 = 62.5
    assertThat(NetworkShape.autoencoder(784, 0.25)).hasToString("784-250-125-63-8-63-125-250-784");
    assertThat(NetworkShape.autoencoder(625, 0.001)).hasToString("625-1-1-1-1-1-1-1-625");
  }
}
