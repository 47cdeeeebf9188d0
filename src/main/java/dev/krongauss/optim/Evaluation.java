package dev.krongauss.optim;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;

/**
 * The mean loss of batches with a model's present weights, without a step: a forward pass and the
 * loss. It waits for the number.
 *
 * <p>Training is not disturbed: an optimiser's next step makes a forward pass of its own. Batches
 * of the size that is trained with keep the model's memory, and with it the updates that are
 * replayed.
 */
public final class Evaluation implements AutoCloseable {
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

  private Evaluation(Model model, LossFunction lossFunction) {
    this.model = model;
    this.lossFunction = lossFunction;
    this.outputs = Losses.outputs(model, lossFunction);
    this.loss = lossFunction.on(model.device());
    this.reduce = new Reduce(model.device());
    this.arena = model.device().newArena("evaluation");
    this.mean = arena.floats(1, "mean loss");
  }

  /**
   * Of a model, which stays the caller's.
   *
   * @throws IllegalArgumentException if the loss cannot take the model's outputs
   */
  public static Evaluation of(Model model, LossFunction loss) {
    return model.device().allOrNothing(() -> new Evaluation(model, loss));
  }

  /**
   * Mean loss of a batch, without an L2 term.
   *
   * @throws IllegalArgumentException if the batch fits neither model nor loss
   */
  public double loss(Batch batch) {
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
