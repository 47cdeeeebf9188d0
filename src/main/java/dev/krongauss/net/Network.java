package dev.krongauss.net;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import dev.krongauss.model.Parts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
  private final int[] sizes;
  private final List<Activation> activations;
  private final Parameters parameters;
  private final DensePasses passes;
  private final Predictions predictions;
  private boolean closed;

  private Network(
      Device device, Operations operations, int[] sizes, List<Activation> activations, long seed) {
    this.device = device;
    this.operations = operations;
    this.sizes = sizes;
    this.activations = List.copyOf(activations);
    this.parameterArena = device.newArena("network");
    this.parameters = new Parameters(device, parameterArena, sizes, seed);
    this.passes =
        new DensePasses(device, operations, parameterArena, sizes, this.activations, parameters());
    this.predictions = new Predictions(operations, this.activations, parameters());
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

  /** f_1 … f_L; the last one is the identity. */
  public List<Activation> activations() {
    return activations;
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
    passes.memory().have(N, stream);
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
    return passes.forward(batch, stream);
  }

  @Override
  public String notSmooth() {
    return Activation.kinks(activations);
  }

  @Override
  public List<LayerTrace> traces() {
    return passes.memory().traces();
  }

  @Override
  public void backward(Matrix outputGradient, float l2, List<Matrix> gradients, Stream stream) {
    int[] whole = {passes.memory().batchSize()};
    backward(
        outputGradient, l2, new Parts(new int[1], whole, List.of(gradients), 0, () -> {}), stream);
  }

  @Override
  public void backward(Matrix outputGradient, float l2, Parts parts, Stream stream) {
    passes.backward(outputGradient, l2, parts, stream);
  }

  /**
   * {@inheritDoc} 1 with this project's kernels; on SoftCUDA with libraries what a trial of the
   * library finds, if {@code KRONGAUSS_BLAS_THREADS} is 1; else 0.
   */
  @Override
  public int rowBlock() {
    return passes.rowBlock();
  }

  @Override
  public Matrix tangent(List<Matrix> direction, Stream stream) {
    return passes.tangent(direction, stream);
  }

  @Override
  public long captureStamp() {
    return passes.memory().allocations();
  }

  /**
   * The network's outputs of rows on the host, logits where the loss takes such ({@link Response}
   * makes probabilities of them); waits for them. Safe from any thread, several at the same time:
   * each call has a stream and memory of its own, which the network keeps for the next one. {@link
   * Predictor} says which weights it sees, and how it keeps out of training's way.
   *
   * @param rows {@code [n][d_0]}, compact; may be longer
   * @param n rows, 0 or more
   * @return {@code [n][d_L]}, compact
   * @throws IllegalArgumentException if the array is too short or one of its n rows has a value
   *     that is not finite; nothing was computed then
   * @throws IllegalStateException if the network is closed, or the device's stream is being
   *     captured
   * @throws dev.krongauss.device.DeviceException if the device fails or has no memory
   */
  public float[] predict(float[] rows, int n) {
    float[] results = Predictor.results(n, sizes[sizes.length - 1]);
    predict(rows, n, results);
    return results;
  }

  /**
   * The same into the caller's array.
   *
   * @param results {@code [n][d_L]}, compact; may be longer. Where this throws, part of it may have
   *     been written
   */
  public void predict(float[] rows, int n, float[] results) {
    predictions.predict(rows, n, results);
  }

  /** A predictor for one thread, which its caller closes; the network does at the latest. */
  public Predictor predictor() {
    return predictions.take();
  }

  /**
   * Saves the network as a {@link ModelFile}; waits for the device.
   *
   * @throws java.io.IOException if the file cannot be written; an older one is then still whole
   */
  public void save(Path file, LossFunction loss) throws IOException {
    save(file, loss, Map.of());
  }

  /** The same with texts, see {@link ModelFile#save}. */
  public void save(Path file, LossFunction loss, Map<String, String> about) throws IOException {
    ModelFile.save(file, this, loss, about);
  }

  /**
   * A network from a {@link ModelFile}, which the caller closes.
   *
   * @throws dev.krongauss.io.CheckpointException if there is no such file, or it is none that fits
   */
  public static Network load(Device device, Path file) throws IOException {
    return ModelFile.read(file).network(device);
  }

  /** Frees its memory, after the predictions under way. Closing twice does nothing. */
  @Override
  public void close() {
    closed = true;
    predictions.close();
    passes.close();
    parameterArena.close();
  }

  /** Its memory may be somebody else's by now. */
  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the network is closed; build another one");
    }
  }
}
