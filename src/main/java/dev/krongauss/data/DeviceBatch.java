package dev.krongauss.data;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import java.util.Map;
import java.util.function.Consumer;

/** A batch in device memory that knows where its targets come from. */
record DeviceBatch(
    Share share, Matrix inputs, Matrix targets, Batches batches, Consumer<LossFunction> check)
    implements Batch {
  @Override
  public int size() {
    return share.rows();
  }

  @Override
  public int wholeSize() {
    return share.of();
  }

  @Override
  public int firstRow() {
    return share.first();
  }

  @Override
  public Map<String, String> origin() {
    return batches.order().origin(batches.position() - 1);
  }

  /**
   * @throws IllegalStateException if its {@link Batches} are closed, and its memory another's
   */
  @Override
  public void checkTargets(LossFunction loss) {
    checkOpen();
    int stack = batches.order().stack();
    if (stack % loss.stack() != 0) {
      throw Check.failure(
          "loss '%s' couples %d rows of %s, and these batches permute datapoints of %d; make them"
              + " by Batches.ofStacks(device, data, %d, batchSize, seed)",
          loss.name(), loss.stack(), name(), stack, loss.stack());
    }
    check.accept(loss);
  }

  /**
   * @throws IllegalStateException as {@link #checkTargets}
   */
  void checkOpen() {
    if (batches.isClosed()) {
      throw new IllegalStateException(
          "the batches of " + name() + " are closed, and this one with them; make new ones");
    }
  }

  /** That of the data. */
  String name() {
    return batches.order().data().name();
  }
}
