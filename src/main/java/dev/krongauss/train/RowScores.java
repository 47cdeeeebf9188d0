package dev.krongauss.train;

import dev.krongauss.data.Dataset;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Losses;
import dev.krongauss.net.Network;
import dev.krongauss.net.Predictor;

/**
 * The scores of a network on rows that lie on the device or come to it in chunks: a forward pass
 * and the loss there, sums and ranks in double here.
 */
final class RowScores implements AutoCloseable {
  private final Network network;
  private final Device device;
  private final int size;
  private final Scorer scorer;
  private final Predictor predictor;
  private final DeviceRows rows;
  private final LossFunction.OnDevice loss;
  private final Arena arena;
  private final Buffer perDatapoint;

  /**
   * @param budget bytes of device memory that the rows may take
   */
  RowScores(Network network, LossFunction lossFunction, Dataset data, long budget) {
    this.network = network;
    this.device = network.device();
    this.size = data.size();
    int outputs = check(network, lossFunction, data);
    this.scorer = new Scorer(data, lossFunction, outputs);
    this.predictor = network.predictor();
    int chunk = evenChunk(data.size(), predictor.chunk());
    this.rows = new DeviceRows(device, data, chunk, budget);
    this.loss = lossFunction.on(device);
    loss.reserve(chunk, outputs, predictor.stream());
    this.arena = device.newArena("scores");
    this.perDatapoint = arena.floats(chunk, "loss of each datapoint");
  }

  private static int check(Network network, LossFunction loss, Dataset data) {
    int outputs = Losses.outputs(network, loss);
    Losses.checkSingleRows(loss, "the evaluation of a data set");
    Check.that(
        data.inputWidth() == network.sizes()[0],
        "data set %s has %,d inputs and the network %,d; prepare held-out rows as those that it is"
            + " trained on",
        data.name(),
        data.inputWidth(),
        network.sizes()[0]);
    Check.that(
        data.targetWidth() == loss.targets(outputs),
        "data set %s has %,d targets and loss '%s' takes %,d with %,d outputs",
        data.name(),
        data.targetWidth(),
        loss.name(),
        loss.targets(outputs),
        outputs);
    data.checkTargets(loss);
    return outputs;
  }

  /** The least chunk that makes no more chunks than the most does. */
  static int evenChunk(int rows, int most) {
    int chunks = (rows - 1) / most + 1;
    return (rows - 1) / chunks + 1;
  }

  Scores scores() {
    return device.inContext(
        () -> {
          Tally tally = scorer.begin();
          Stream s = predictor.stream();
          rows.forEach(s, (first, inputs, targets) -> add(tally, first, inputs, targets, s));
          return tally.scores();
        });
  }

  private void add(Tally tally, int first, Matrix inputs, Matrix targets, Stream s) {
    Matrix h = predictor.forward(inputs);
    loss.evaluate(h, targets, null, perDatapoint.pointer(), s);
    float[] outputs = tally.needsOutputs() ? h.download(s) : new float[0];
    tally.add(first, outputs, perDatapoint.downloadFloats(inputs.rows(), s));
  }

  int size() {
    return size;
  }

  Network network() {
    return network;
  }

  boolean resident() {
    return rows.resident();
  }

  @Override
  public void close() {
    rows.close();
    predictor.close();
    loss.close();
    arena.close();
  }
}
