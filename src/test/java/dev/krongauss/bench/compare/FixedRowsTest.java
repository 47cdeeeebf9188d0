package dev.krongauss.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Sgd;
import dev.krongauss.testing.TestDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rows that weights are judged by at the end of a run. */
final class FixedRowsTest {
  private static final LossFunction LOSS = Loss.squared();

  private final Device device = TestDevice.get();

  /** Row r is r + 1, and a network of weights 0 answers 0: the loss is ½ (r + 1)². */
  @ParameterizedTest
  @CsvSource({
    "6000, 1000, 5000", // as many as are wanted
    "6000,  700, 4900", // whole batches only
    "6000, 5500, 5500", // but one at least
    "6000, 6000, 6000",
    " 999,  100,  900", // no more than there are
    "  40,   40,   40",
  })
  void theFirstRowsInWholeBatches(int rows, int batch, int counted) {
    Dataset data = numbered(rows);
    try (Network network = network()) {
      network.setWeights(new float[][] {new float[2]});
      double sum = 0;
      for (double r = 1; r <= counted; r++) {
        sum += r * r / 2;
      }
      double mean = sum / counted;
      assertThat(new FixedRows(device, data, LOSS, batch).loss(network))
          .isCloseTo(mean, within(1e-5 * mean));
    }
  }

  @Test
  void targetsOfTheirOwnAreTaken() {
    float[] targets = new float[70];
    java.util.Arrays.fill(targets, 3);
    Dataset data = Dataset.supervised("threes", numbered(70).inputs(), 1, targets, 1);
    try (Network network = network()) {
      network.setWeights(new float[][] {new float[2]});
      assertThat(new FixedRows(device, data, LOSS, 30).loss(network)).isEqualTo(4.5);
    }
  }

  @Test
  void theSameWeightsAreJudgedTheSame() {
    Dataset data = numbered(500);
    FixedRows rows = new FixedRows(device, data, LOSS, 100);
    try (Network one = network();
        Network other = network();
        Batches batches = Batches.of(device, data, 100, 7);
        Sgd sgd = Sgd.builder().learningRate(1e-7).build(other, LOSS)) {
      other.setWeights(one.weights());
      double loss = rows.loss(one);
      assertThat(rows.loss(other)).isEqualTo(loss);
      assertThat(rows.loss(one)).as("asked again").isEqualTo(loss);
      sgd.step(batches.next()).loss();
      assertThat(rows.loss(other)).as("after an update").isLessThan(loss);
      other.setWeights(one.weights());
      assertThat(rows.loss(other)).as("as before").isEqualTo(loss);
    }
  }

  private Network network() {
    return Network.input(1).dense(1, Activation.IDENTITY).build(device, 3);
  }

  private static Dataset numbered(int rows) {
    float[] values = new float[rows];
    for (int r = 0; r < rows; r++) {
      values[r] = r + 1;
    }
    return Dataset.autoencoder("numbers", values, 1);
  }
}
