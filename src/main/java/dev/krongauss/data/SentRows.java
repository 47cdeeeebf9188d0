package dev.krongauss.data;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.StagedRows;
import dev.krongauss.device.Stream;

/** Rows of a data set that the caller's thread copies into pinned memory for each batch. */
final class SentRows implements BatchFeed {
  private final Share share;
  private final EpochOrder order;
  private final Stream stream;
  private final Matrix inputs;
  private final Matrix targets;
  private final StagedRows stagedInputs;
  private final StagedRows stagedTargets; // null of an autoencoder

  /**
   * @param inputs of a batch, {@code [N][d_0 + 1]}
   * @param targets of a batch, {@code [N][m]}; of an autoencoder not used
   */
  SentRows(
      Device device, Dataset data, Share share, EpochOrder order, Matrix inputs, Matrix targets) {
    this.share = share;
    this.order = order;
    this.stream = device.stream();
    this.inputs = inputs;
    this.targets = targets;
    this.stagedInputs = new StagedRows(device, data.inputs(), data.inputWidth(), inputs);
    this.stagedTargets =
        data.isAutoencoder()
            ? null
            : new StagedRows(device, data.targets(), data.targetWidth(), targets);
  }

  @Override
  public void give(long number) {
    int[] permutation = order.of(share.epoch(number, order));
    int first = share.firstRow(number, order);
    stagedInputs.send(permutation, first, inputs, stream);
    if (stagedTargets != null) {
      stagedTargets.send(permutation, first, targets, stream);
    }
  }

  @Override
  public void close() {
    stagedInputs.close();
    if (stagedTargets != null) {
      stagedTargets.close();
    }
  }
}
