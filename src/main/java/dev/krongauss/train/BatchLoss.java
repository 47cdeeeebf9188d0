package dev.krongauss.train;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Losses;
import dev.krongauss.model.Model;

/** The mean loss of batches by a model's own forward pass. */
final class BatchLoss implements AutoCloseable {
  private final Model model;
  private final LossFunction lossFunction;
  private final LossFunction.OnDevice loss;
  private final int outputs;
  private final Reduce reduce;
  private final Buffer mean;
  private final Arena arena;
  private Arena batchArena;
  private Buffer perDatapoint;
  private int N;

  BatchLoss(Model model, LossFunction lossFunction) {
    this.model = model;
    this.lossFunction = lossFunction;
    this.outputs = Losses.outputs(model, lossFunction);
    this.loss = lossFunction.on(model.device());
    this.reduce = new Reduce(model.device());
    this.arena = model.device().newArena("evaluation");
    this.mean = arena.floats(1, "mean loss");
  }

  double loss(Batch batch) {
    Losses.check(batch, lossFunction, outputs);
    return model.device().inContext(() -> lossInContext(batch));
  }

  private double lossInContext(Batch batch) {
    Stream s = model.device().stream();
    prepare(batch.size(), s);
    Matrix h = model.forward(batch, s);
    loss.evaluate(h, batch.targets(), null, perDatapoint.pointer(), s);
    reduce.sum(s, perDatapoint.pointer(), batch.size(), 1f / batch.size(), mean.pointer());
    return mean.downloadFloats(1, s)[0];
  }

  private void prepare(int datapoints, Stream s) {
    if (N == datapoints) {
      return;
    }
    if (batchArena != null) {
      s.synchronize();
      batchArena.close();
    }
    N = 0; // until there is memory again
    batchArena = model.device().newArena("evaluation of a batch");
    perDatapoint = batchArena.floats(datapoints, "loss of each datapoint");
    N = datapoints;
  }

  @Override
  public void close() {
    loss.close();
    if (batchArena != null) {
      batchArena.close();
    }
    arena.close();
  }
}
