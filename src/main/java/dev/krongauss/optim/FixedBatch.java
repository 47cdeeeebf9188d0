package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.Batch;

/**
 * A batch that stays where it is, as captured work needs it: batches that come from different
 * places are copied into it. Targets that are columns of the inputs stay so.
 */
final class FixedBatch implements Batch, AutoCloseable {
  private final Arena arena;
  private final Matrix inputs;
  private final Matrix targets;

  /** Memory for batches shaped like {@code batch}. */
  FixedBatch(Device device, Batch batch) {
    arena = device.newArena("batch");
    inputs = arena.matrix(batch.size(), batch.inputs().columns(), "inputs");
    targets =
        shares(batch)
            ? inputs.columns(batch.targets().columns())
            : arena.matrix(batch.size(), batch.targets().columns(), "targets");
  }

  /** Whether {@link #take} can take it. */
  boolean fits(Batch batch) {
    return batch.size() == size()
        && batch.inputs().columns() == inputs.columns()
        && batch.targets().columns() == targets.columns()
        && shares(batch) == shares(this);
  }

  /** Enqueues the copy of a batch into this one. */
  void take(Batch batch, Stream s) {
    s.copy(batch.inputs(), inputs);
    if (!shares(batch)) {
      s.copy(batch.targets(), targets);
    }
  }

  @Override
  public int size() {
    return inputs.rows();
  }

  @Override
  public Matrix inputs() {
    return inputs;
  }

  @Override
  public Matrix targets() {
    return targets;
  }

  @Override
  public void close() {
    arena.close();
  }

  private static boolean shares(Batch batch) {
    Matrix x = batch.inputs();
    Matrix t = batch.targets();
    return x.pointer() == t.pointer() && x.stride() == t.stride() && t.columns() <= x.columns();
  }
}
