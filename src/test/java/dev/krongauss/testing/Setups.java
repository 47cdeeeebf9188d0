package dev.krongauss.testing;

import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.testing.Problem.Setup;
import dev.krongauss.testing.Problem.Unit;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/**
 * The networks that tests are run with: every loss and unit; widths 1, primes, and around the tile
 * of 64.
 */
public final class Setups {
  private Setups() {}

  /** Every network. */
  public static List<Setup> all() {
    return List.of(
        new Setup(ReferenceLoss.SQUARED, Unit.TANH, 1, 11, 1, 1),
        new Setup(ReferenceLoss.SQUARED, Unit.TANH, 3, 12, 1, 1, 1),
        new Setup(ReferenceLoss.SQUARED, Unit.LEAKY_RELU, 13, 13, 5, 7, 3),
        new Setup(ReferenceLoss.BERNOULLI, Unit.LOGISTIC, 17, 14, 7, 11, 13, 5),
        new Setup(ReferenceLoss.SOFTMAX, Unit.SOFTPLUS, 31, 15, 6, 17, 4),
        new Setup(ReferenceLoss.BERNOULLI, Unit.RELU, 37, 16, 19, 23, 2),
        new Setup(ReferenceLoss.SOFTMAX, Unit.TANH, 65, 17, 33, 63, 64, 65, 3));
  }

  /** Those small enough for whole trajectories of a triple-loop reference. */
  public static List<Setup> small() {
    return all().stream().filter(setup -> setup.datapoints() < 60).toList();
  }

  /** Every network in every mode. */
  public static Stream<Arguments> inModes(List<Setup> setups) {
    return setups.stream().flatMap(s -> Problem.modes().stream().map(m -> Arguments.of(s, m)));
  }

  /** Modes alone. */
  public static Stream<Operations.Mode> modes() {
    return Problem.modes().stream();
  }
}
