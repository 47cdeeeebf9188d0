package dev.krongauss.net;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.util.ArrayList;
import java.util.List;

/** Copies of W_1 … W_L, so that training may go on while they are read. */
final class WeightCopy implements AutoCloseable {
  private final Arena arena;
  private final List<Matrix> matrices = new ArrayList<>();

  WeightCopy(Device device, List<Matrix> weights) {
    arena = device.newArena("copy of weights");
    for (Matrix W : weights) {
      matrices.add(arena.matrix(W.rows(), W.columns(), "W" + (matrices.size() + 1)));
    }
  }

  List<Matrix> matrices() {
    return matrices;
  }

  /** Enqueues the copies. */
  void take(List<Matrix> weights, Stream stream) {
    for (int l = 0; l < matrices.size(); l++) {
      stream.copy(weights.get(l), matrices.get(l));
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
