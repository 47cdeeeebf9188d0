package dev.krongauss.net;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.Passes;
import dev.krongauss.model.Batch;
import dev.krongauss.model.Parts;
import java.util.ArrayList;
import java.util.List;

/** The passes of a network through its layers, and their memory. */
final class DensePasses implements AutoCloseable {
  private final Operations operations;
  private final Passes all;
  private final PassMemory memory;
  private final List<Matrix> weights;
  private Passes passes; // of the last batch

  /**
   * @param arena of the weights
   * @param sizes d_0 … d_L
   * @param weights W_1 … W_L
   */
  DensePasses(
      Device device,
      Operations operations,
      Arena arena,
      int[] sizes,
      List<Activation> activations,
      List<Matrix> weights) {
    this.operations = operations;
    this.all = operations.passes(arena, sizes);
    this.memory = new PassMemory(device, activations, weights);
    this.weights = weights;
    this.passes = all;
  }

  PassMemory memory() {
    return memory;
  }

  /** See {@link Network#rowBlock}. */
  int rowBlock() {
    return all.rowBlock();
  }

  Matrix forward(Batch batch, Stream stream) {
    memory.prepare(batch, stream);
    int piece = batch.pieceRows();
    passes = piece > 0 ? all.apart(batch.wholeSize(), piece) : all;
    passes.forward(stream, memory.layers().stream().map(Layer::forward).toList());
    return memory.output().output();
  }

  void backward(Matrix outputGradient, float l2, Parts parts, Stream stream) {
    List<Layer> layers = memory.layers();
    Matrix[] deltas = new Matrix[layers.size()];
    deltas[layers.size() - 1] = outputGradient;
    for (int l = 0; l < layers.size() - 1; l++) {
      deltas[l] = layers.get(l).delta();
    }
    backward(deltas, layers.size(), parts.upper(), l2, parts, stream);
    parts.behindUpper().run();
    if (parts.upper() > 0) {
      backward(deltas, parts.upper(), 0, l2, parts, stream);
    }
  }

  /** Down to layer {@code first} from below layer {@code end}, whose δ is there. */
  private void backward(Matrix[] deltas, int end, int first, float l2, Parts parts, Stream stream) {
    List<Layer> layers = memory.layers();
    List<Link.Backward> links = new ArrayList<>();
    for (int l = Math.min(end, layers.size() - 1); l > first; l--) {
      links.add(layers.get(l).backward(deltas[l], layers.get(l - 1)));
    }
    passes.backward(stream, links);
    for (int k = 0; k < parts.rows().length; k++) {
      List<Matrix> delta = new ArrayList<>();
      List<Matrix> input = new ArrayList<>();
      int row = parts.first()[k];
      int n = parts.rows()[k];
      for (int l = first; l < end; l++) {
        delta.add(deltas[l].rows(row, n));
        input.add(layers.get(l).input().rows(row, n));
      }
      List<Matrix> gradients = parts.gradients().get(k).subList(first, end);
      operations.gradients(
          stream, delta, input, 1f / n, l2, weights.subList(first, end), gradients);
    }
  }

  Matrix tangent(List<Matrix> direction, Stream stream) {
    List<Layer> layers = memory.layers();
    List<Link.Tangent> links = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      links.add(layers.get(l).tangent(direction.get(l), l == 0 ? null : layers.get(l - 1)));
    }
    passes.tangent(stream, links);
    return memory.output().tangent();
  }

  @Override
  public void close() {
    memory.close();
  }
}
