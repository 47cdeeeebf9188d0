package dev.krongauss.optim;

import dev.krongauss.curvature.GaussNewtonProduct;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.argument.Beginning;
import dev.krongauss.model.Batch;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.List;

/**
 * The objective of an update's batch on the device, E + η/2 ‖θ‖²: value, gradient, and exact
 * Gauss-Newton curvature along a direction. Owns what is needed for each datapoint.
 */
final class Objective implements AutoCloseable {
  private final Model model;
  private final LossFunction.OnDevice loss;
  private final Scalars scalars;
  private final float l2;
  private final boolean curvature;
  private final Stream stream;
  private final Reduce reduce;
  private final LossEvaluation evaluation;
  private final Buffer reduceScratch;
  private Arena batchArena;
  private Matrix outputGradient;
  private Buffer perDatapoint;
  private Matrix h;
  private Batch batch;

  /**
   * @param scalars get loss and ‖θ‖²
   */
  Objective(
      Model model,
      LossFunction.OnDevice loss,
      Arena arena,
      Scalars scalars,
      GaussNewtonOptions options) {
    this.model = model;
    this.loss = loss;
    this.scalars = scalars;
    this.l2 = options.l2;
    this.curvature = options.curvature();
    this.stream = model.device().stream();
    this.reduce = new Reduce(model.device());
    this.evaluation = new LossEvaluation(model.device(), loss, arena);
    this.reduceScratch =
        arena.floats(Reduce.scratchFloats(model.parameters()), "reduction scratch");
  }

  /** Whether there is room for batches of N datapoints. */
  boolean fits(int N) {
    return outputGradient != null && outputGradient.rows() == N;
  }

  /** Makes room for batches of N datapoints; waits if that has changed. */
  void prepare(int N, int outputs) {
    if (fits(N)) {
      return;
    }
    if (batchArena != null) {
      stream.synchronize();
      batchArena.close();
    }
    outputGradient = null; // says above that the memory is there: set last, should there be none
    batchArena = model.device().newArena("gauss-newton batch");
    Matrix largest = batchArena.matrix(N, outputs, "output gradient");
    perDatapoint = batchArena.floats(N, "per datapoint");
    outputGradient = largest;
  }

  /** The batch of the next passes. */
  void use(Batch next) {
    batch = next;
  }

  /** Forward pass. */
  void forward() {
    h = model.forward(batch, stream);
  }

  /**
   * Loss and ∂E/∂h of the forward pass, and the beginning of the update; writes {@link
   * Control#LOSS} and, if {@code norm}, {@link Control#NORM2}.
   */
  void loss(Beginning beginning, boolean norm) {
    evaluate(outputGradient, Control.LOSS, beginning);
    if (norm) {
      norm(Control.NORM2);
    }
  }

  /** g = ∇ + η W at the last {@link #forward}. */
  void backward(List<Matrix> gradients) {
    model.backward(outputGradient, l2, gradients, stream);
  }

  /** Writes {@link Control#NEW_LOSS} and {@link Control#NEW_NORM2} of the present weights. */
  void afterwards() {
    h = model.forward(batch, stream);
    evaluate(null, Control.NEW_LOSS, null);
    norm(Control.NEW_NORM2);
  }

  /** The same, and ∂E/∂h of the present weights. */
  void afterwardsWithGradient() {
    h = model.forward(batch, stream);
    evaluate(outputGradient, Control.NEW_LOSS, null);
    norm(Control.NEW_NORM2);
  }

  /** Output [N][d_L] of the last pass. */
  Matrix output() {
    return h;
  }

  Matrix targets() {
    return batch.targets();
  }

  /** ∂E/∂h [N][d_L] of the last {@link #loss}. */
  Matrix outputGradient() {
    return outputGradient;
  }

  /** Device memory held for a batch, in bytes. */
  long bytes() {
    return batchArena == null ? 0 : batchArena.bytes();
  }

  /**
   * The quadratic model along Δ at the last {@link #forward}: ⟨Δ, g⟩, ‖Δ‖² and E[vᵀ H v], v = J Δ.
   *
   * @param out address of three floats in this order; the third is left as it is where no rule
   *     needs it
   * @return v, the model's; null where no rule needs it
   */
  Matrix quadratic(List<Matrix> direction, List<Matrix> gradients, long out) {
    Matrix v = curvature ? curvature(direction, out + 8) : null;
    reduce.dotAndNorm(stream, direction, gradients, reduceScratch.pointer(), out, out + 4);
    return v;
  }

  /**
   * Writes E[vᵀ H v], v = J Δ, to the device float at {@code out}.
   *
   * @return v, the model's, valid until the next pass
   */
  Matrix curvature(List<Matrix> direction, long out) {
    return GaussNewtonProduct.quadratic(
        model, loss, reduce, direction, h, targets(), perDatapoint, out, stream);
  }

  /** Writes E[vᵀ H v] to the device float at {@code out}; v {@code [N][d_L]}. */
  void curvature(Matrix v, long out) {
    GaussNewtonProduct.curvature(loss, reduce, v, h, targets(), perDatapoint, out, stream);
  }

  /** ‖θ‖² of the present weights, to a slot. */
  void norm(int slot) {
    dot(model.parameters(), model.parameters(), scalars.at(slot));
  }

  /** ⟨X, Y⟩ and ‖X‖² of matrices shaped like the parameters, each to a device float. */
  void dotAndNorm(List<Matrix> X, List<Matrix> Y, long out, long norm) {
    reduce.dotAndNorm(stream, X, Y, reduceScratch.pointer(), out, norm);
  }

  /** ⟨X, Y⟩ of matrices shaped like the parameters, to a device float. */
  void dot(List<Matrix> X, List<Matrix> Y, long out) {
    reduce.dot(stream, X, Y, reduceScratch.pointer(), out);
  }

  @Override
  public void close() {
    if (batchArena != null) {
      batchArena.close();
    }
  }

  private void evaluate(Matrix gradient, int slot, Beginning beginning) {
    long mean = scalars.at(slot);
    evaluation.run(h, targets(), gradient, perDatapoint.pointer(), mean, beginning, stream);
  }
}
