package dev.krongauss.bench.inspect;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.Batch;

/**
 * A case's datapoints on the device.
 *
 * @param inputs {@code [N][d_0 + 1]}
 */
record CaseBatch(Matrix inputs, Matrix targets) implements Batch {
  static CaseBatch of(Case c, Arena arena, Stream s) {
    int N = c.datapoints();
    Matrix inputs = arena.matrix(N, c.inputWidth() + 1, "inputs");
    Matrix targets = arena.matrix(N, c.targets().length / N, "targets");
    inputs.upload(c.inputs(), s);
    targets.upload(c.targets(), s);
    return new CaseBatch(inputs, targets);
  }

  @Override
  public int size() {
    return inputs.rows();
  }
}
