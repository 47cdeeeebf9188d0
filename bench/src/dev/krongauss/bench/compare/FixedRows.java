package dev.krongauss.bench.compare;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.model.LossFunction;
import dev.krongauss.net.Network;
import dev.krongauss.train.Evaluation;
import java.util.Arrays;

/**
 * The same rows for everybody, the first 5,000 of the data in whole batches: what the weights at
 * the end of a run are judged by, off the clock.
 */
final class FixedRows {
  private static final int ROWS = 5000;

  private final Device device;
  private final Dataset rows;
  private final LossFunction loss;
  private final int batch;

  FixedRows(Device device, Dataset data, LossFunction loss, int batch) {
    this.device = device;
    this.loss = loss;
    this.batch = batch;
    int count = Math.min(data.size() / batch, Math.max(1, ROWS / batch)) * batch;
    String name = "first " + count + " rows of " + data.name();
    float[] inputs = Arrays.copyOf(data.inputs(), count * data.inputWidth());
    this.rows =
        data.isAutoencoder()
            ? Dataset.autoencoder(name, inputs, data.inputWidth())
            : Dataset.supervised(
                name,
                inputs,
                data.inputWidth(),
                Arrays.copyOf(data.targets(), count * data.targetWidth()),
                data.targetWidth());
  }

  /** Mean loss of a network's present weights. */
  double loss(Network network) {
    try (Evaluation evaluation = Evaluation.of(network, loss);
        Batches batches = Batches.of(device, rows, batch, 1)) {
      double sum = 0;
      for (int k = 0; k < batches.batchesPerEpoch(); k++) {
        sum += evaluation.loss(batches.next());
      }
      return sum / batches.batchesPerEpoch();
    }
  }
}
