package dev.krongauss.net;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.SecondDerivative;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.Passes;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.Model;
import java.util.ArrayList;
import java.util.List;

/**
 * A dense feed-forward network in device memory: h_l = W_l ā_{l-1}, a_l = f_l(h_l). It owns its
 * weights and the memory of its passes, which is taken anew where the batch size changes; {@link
 * #close()} frees both.
 *
 * <p>The output layer is linear: losses take its pre-activations (logits), which keeps
 * cross-entropies stable.
 */
public final class Network implements Model, AutoCloseable {
  private final Device device;
  private final Operations operations;
  private final Arena parameterArena;
  private final Passes passes;
  private final SecondDerivative second;
  private final int[] sizes;
  private final List<Activation> activations;
  private final Parameters parameters;
  private Arena passArena;
  private int batchSize;
  private long allocations;
  private boolean closed;
  private List<Layer> layers = List.of();
  private List<LayerTrace> traces = List.of();

  private Network(
      Device device, Operations operations, int[] sizes, List<Activation> activations, long seed) {
    this.device = device;
    this.operations = operations;
    this.sizes = sizes;
    this.activations = List.copyOf(activations);
    this.parameterArena = device.newArena("network");
    this.passes = operations.passes(parameterArena);
    this.second = new SecondDerivative(device);
    this.parameters = new Parameters(device, parameterArena, sizes, seed);
  }

  /** Starts the description of a network with {@code inputs} inputs. */
  public static Builder input(int inputs) {
    return new Builder(inputs);
  }

  /** Layers, input first, output last. */
  public static final class Builder {
    private final List<Integer> sizes = new ArrayList<>();
    private final List<Activation> activations = new ArrayList<>();
    private Operations.Mode mode;

    private Builder(int inputs) {
      Check.that(inputs >= 1, "a network with %d inputs; at least 1 is needed", inputs);
      sizes.add(inputs);
    }

    /** Adds a fully connected layer with a bias. */
    public Builder dense(int units, Activation activation) {
      Check.that(units >= 1, "layer %d with %d units; at least 1 is needed", sizes.size(), units);
      Check.that(
          activation != null,
          "layer %d has no activation; use Activation.IDENTITY for none",
          sizes.size());
      sizes.add(units);
      activations.add(activation);
      return this;
    }

    /** Forces the kernels or the libraries; the default is {@link Operations#of(Device)}'s. */
    public Builder operations(Operations.Mode operationsMode) {
      mode = operationsMode;
      return this;
    }

    /**
     * Allocates the weights and draws them Glorot-uniform from {@code seed}, with zero biases.
     *
     * @throws IllegalArgumentException if there is no layer or the last one is not linear
     */
    public Network build(Device device, long seed) {
      Check.that(
          !activations.isEmpty(),
          "a network needs at least one layer: add .dense(outputs, IDENTITY)");
      Activation last = activations.get(activations.size() - 1);
      Check.that(
          last == Activation.IDENTITY,
          "the output layer has activation %s; make it IDENTITY: losses take logits (Loss.bernoulli() applies the"
              + " logistic function itself)",
          last);
      Operations operations = mode == null ? Operations.of(device) : new Operations(device, mode);
      int[] widths = sizes.stream().mapToInt(i -> i).toArray();
      return device.allOrNothing(() -> new Network(device, operations, widths, activations, seed));
    }
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public List<Matrix> parameters() {
    return parameters.matrices();
  }

  /** d_0 … d_L. */
  public int[] sizes() {
    return sizes.clone();
  }

  /** Number of weights, biases included. */
  public long parameterCount() {
    return parameters.count();
  }

  /** Copies of W_1 … W_L, each {@code [d_l][d_{l-1} + 1]} in compact rows; waits for the device. */
  public float[][] weights() {
    checkOpen();
    return parameters.download();
  }

  /**
   * Replaces W_1 … W_L, each {@code [d_l][d_{l-1} + 1]} in compact rows; waits for the device.
   *
   * @throws IllegalArgumentException if a count differs or a value is not finite
   */
  public void setWeights(float[][] weights) {
    checkOpen();
    parameters.upload(weights);
  }

  /**
   * Takes the memory of passes over batches of N datapoints now, not in the first of them: for
   * those who capture that pass in a graph. Waits for the stream. If N is another than before, the
   * results of the last pass are freed.
   *
   * @throws IllegalArgumentException if N is less than 1
   * @throws IllegalStateException if N is another than before and the stream captures
   * @throws dev.krongauss.device.DeviceException if the memory is not there
   */
  public void reserve(int N, Stream stream) {
    checkOpen();
    Check.that(N >= 1, "batches of %d datapoints; at least 1 is needed", N);
    haveMemory(N, stream);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the stream captures and the last batch had another size;
   *     {@link #reserve} helps
   */
  @Override
  public Matrix forward(Batch batch, Stream stream) {
    checkOpen();
    Check.shape(
        batch.inputs(), batch.size(), sizes[0] + 1, "the batch's inputs (with their 1 column)");
    prepare(batch, stream);
    passes.forward(stream, layers.stream().map(Layer::forward).toList());
    return output().output();
  }

  @Override
  public List<LayerTrace> traces() {
    return traces;
  }

  @Override
  public void backward(Matrix outputGradient, float l2, List<Matrix> gradients, Stream stream) {
    List<Link.Backward> links = new ArrayList<>();
    List<Matrix> deltas = new ArrayList<>(List.of(outputGradient));
    for (int l = layers.size() - 1; l > 0; l--) {
      Layer below = layers.get(l - 1);
      links.add(layers.get(l).backward(deltas.get(0), below));
      deltas.add(0, below.delta());
    }
    passes.backward(stream, links);
    List<Matrix> inputs = layers.stream().map(Layer::input).toList();
    operations.gradients(stream, deltas, inputs, 1f / batchSize, l2, parameters(), gradients);
  }

  @Override
  public Matrix tangent(List<Matrix> direction, Stream stream) {
    List<Link.Tangent> links = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      links.add(layers.get(l).tangent(direction.get(l), l == 0 ? null : layers.get(l - 1)));
    }
    passes.tangent(stream, links);
    return output().tangent();
  }

  @Override
  public long captureStamp() {
    return allocations;
  }

  @Override
  public void close() {
    closed = true;
    allocations++; // graphs of passes are of no use any more
    if (passArena != null) {
      passArena.close();
    }
    parameterArena.close();
  }

  /** Its memory may be somebody else's by now. */
  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the network is closed; build another one");
    }
  }

  private Layer output() {
    return layers.get(layers.size() - 1);
  }

  /**
   * Takes the batch's inputs as ā_0; memory and views are made anew only when the batch size
   * changes.
   */
  private void prepare(Batch batch, Stream stream) {
    haveMemory(batch.size(), stream);
    Layer first = layers.get(0).withInput(batch.inputs());
    if (first != layers.get(0)) {
      layers.set(0, first);
      traces = List.copyOf(layers);
    }
  }

  private void haveMemory(int N, Stream stream) {
    if (N == batchSize) {
      return;
    }
    if (stream.capturing()) {
      throw new IllegalStateException(
          ("the network has memory for batches of %d datapoints, not of %d, and cannot take it"
                  + " within a capture; call reserve(%d, stream) before")
              .formatted(batchSize, N, N));
    }
    allocatePasses(N, stream);
  }

  private void allocatePasses(int N, Stream stream) {
    if (passArena != null) {
      stream.synchronize();
      passArena.close();
    }
    batchSize = 0; // until there is memory again
    passArena = device.newArena("passes");
    allocations++;
    layers = Layer.chain(passArena, N, activations, parameters(), second, stream);
    batchSize = N;
  }
}
