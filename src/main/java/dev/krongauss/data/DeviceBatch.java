package dev.krongauss.data;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A batch in device memory that knows where its targets come from. */
record DeviceBatch(
    Share share,
    int stack,
    Matrix inputs,
    Matrix targets,
    RowSource data,
    Consumer<LossFunction> check,
    BooleanSupplier closed)
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

  /**
   * @throws IllegalStateException if its {@link Batches} are closed, and its memory another's
   */
  @Override
  public void checkTargets(LossFunction loss) {
    checkOpen();
    if (stack % loss.stack() != 0) {
      throw Check.failure(
          "loss '%s' couples %d rows of %s, and these batches permute datapoints of %d; make them by"
              + " Batches.ofStacks(device, data, %d, batchSize, seed)",
          loss.name(), loss.stack(), data.name(), stack, loss.stack());
    }
    check.accept(loss);
  }

  /**
   * @throws IllegalStateException as {@link #checkTargets}
   */
  void checkOpen() {
    if (closed.getAsBoolean()) {
      throw new IllegalStateException(
          "the batches of " + data.name() + " are closed, and this one with them; make new ones");
    }
  }
}
