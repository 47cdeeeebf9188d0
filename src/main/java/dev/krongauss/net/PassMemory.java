package dev.krongauss.net;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.SecondDerivative;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LayerTrace;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of a network's passes, taken anew where batches get larger, or smaller than half: in
 * between they use a part of its rows, as chunks of a batch do that differ by one.
 */
final class PassMemory implements AutoCloseable {
  private final Device device;
  private final List<Activation> activations;
  private final List<Matrix> weights;
  private final SecondDerivative second;
  private Arena arena;
  private int batchSize;
  private int capacity;
  private long allocations;
  private List<Layer> all = List.of(); // of the whole memory
  private List<Layer> layers = List.of();
  private List<LayerTrace> traces = List.of();

  PassMemory(Device device, List<Activation> activations, List<Matrix> weights) {
    this.device = device;
    this.activations = activations;
    this.weights = weights;
    this.second = new SecondDerivative(device);
  }

  List<Layer> layers() {
    return layers;
  }

  Layer output() {
    return layers.get(layers.size() - 1);
  }

  List<LayerTrace> traces() {
    return traces;
  }

  int batchSize() {
    return batchSize;
  }

  /** How often memory was replaced: graphs of passes before the last time are of no use. */
  long allocations() {
    return allocations;
  }

  /**
   * Takes the batch's inputs as ā_0; memory and views are made anew only when the batch size
   * changes.
   */
  void prepare(Batch batch, Stream stream) {
    have(batch.size(), stream);
    Layer first = layers.get(0).withInput(batch.inputs());
    if (first != layers.get(0)) {
      layers.set(0, first);
      traces = List.copyOf(layers);
    }
  }

  /** See {@link Network#reserve}. */
  void have(int N, Stream stream) {
    if (N == batchSize) {
      return;
    }
    if (N <= capacity && 2 * N >= capacity) {
      layers = new ArrayList<>(all.stream().map(layer -> layer.rows(N)).toList());
      traces = List.copyOf(layers);
      batchSize = N;
      return;
    }
    if (stream.capturing()) {
      throw new IllegalStateException(
          ("the network has memory for batches of %d datapoints, not of %d, and cannot take it"
                  + " within a capture; call reserve(%d, stream) before")
              .formatted(batchSize, N, N));
    }
    allocate(N, stream);
  }

  private void allocate(int N, Stream stream) {
    if (arena != null) {
      stream.synchronize();
      arena.close();
    }
    batchSize = 0; // until there is memory again
    capacity = 0;
    arena = device.newArena("passes");
    allocations++;
    all = Layer.chain(arena, N, activations, weights, second, stream);
    layers = new ArrayList<>(all);
    capacity = N;
    batchSize = N;
  }

  @Override
  public void close() {
    allocations++;
    if (arena != null) {
      arena.close();
    }
  }
}
