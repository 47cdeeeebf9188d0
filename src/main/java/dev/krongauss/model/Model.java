package dev.krongauss.model;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.util.List;

/**
 * A feed-forward network as the optimisers see it: forward, backward, and the forward-mode product.
 *
 * <p>All calls enqueue work on the given stream and return at once. Matrices returned are views of
 * the model's memory, valid until its next {@link #forward}.
 */
public interface Model {
  /** The {@link #captureStamp()} of a model whose passes are never replayed. */
  long NOT_CAPTURABLE = -1;

  Device device();

  /** W_1 … W_L, each {@code [d_l][d_{l-1} + 1]}; the optimiser changes them in place. */
  List<Matrix> parameters();

  /**
   * Computes the network's output for a batch and keeps the traces of its layers.
   *
   * @return h_L, {@code [N][d_L]}
   * @throws IllegalArgumentException if the batch does not fit the network
   */
  Matrix forward(Batch batch, Stream stream);

  /**
   * Traces of the last forward pass, layer 1 first. They are all that curvature knows of the model:
   * h_l = W_l ā_{l-1}, the input of each layer being f(h) of the one before it and a 1.
   */
  List<LayerTrace> traces();

  /**
   * Gradient of the mean loss and of the L2 term: {@code gradients[l] = 1/N Σ_n δ_l ā_{l-1}ᵀ + l2
   * W_l}.
   *
   * @param outputGradient δ_L = ∂E/∂h_L of each datapoint, {@code [N][d_L]}
   * @param l2 weight η of the objective's ½ ‖W‖²; 0 for none
   * @param gradients shaped like the parameters; overwritten
   */
  void backward(Matrix outputGradient, float l2, List<Matrix> gradients, Stream stream);

  /**
   * Forward-mode product J Δ at the last forward pass: the change of h_L along a direction in the
   * weights.
   *
   * @param direction Δ_1 … Δ_L, shaped like the parameters
   * @return {@code [N][d_L]}
   */
  Matrix tangent(List<Matrix> direction, Stream stream);

  /**
   * Rows of a block of a batch of {@link Batch#pieceRows}; 0, the default, if none may be. Batches
   * that are cut into chunks then go through the passes chunk by chunk, which costs more.
   */
  default int rowBlock() {
    return 0;
  }

  /**
   * The gradients of parts of the batch, each as {@link #backward(Matrix, float, List, Stream)} has
   * it of the whole: a mean over the part's rows.
   *
   * @throws UnsupportedOperationException if there is more than one part and {@link #rowBlock} is 0
   */
  default void backward(Matrix outputGradient, float l2, Parts parts, Stream stream) {
    if (parts.rows().length != 1) {
      throw new UnsupportedOperationException(
          getClass().getName() + " takes no parts of a batch, which rowBlock() = 0 says as well");
    }
    backward(outputGradient, l2, parts.gradients().get(0), stream);
    parts.behindUpper().run();
  }

  /**
   * Why the outputs are not twice differentiable in the weights, as a part of a sentence: {@code
   * layer 1 is relu}; empty where they are, and {@link LayerTrace#secondDerivative} is offered. By
   * default a model does not say.
   */
  default String notSmooth() {
    return getClass().getName() + " does not say that they are (Model.notSmooth)";
  }

  /**
   * Whether what the passes enqueue may be captured in a graph and replayed instead of being
   * enqueued anew, and for how long: as long as this number stays the same and the batch has the
   * same size and addresses. It changes when the model has replaced memory that its passes use, or
   * would now enqueue something else. A pass may be captured once it has run with this number; it
   * must then neither wait, nor allocate, nor decide on the host by what the device computed. In a
   * captured update the traces and the output are read on another stream while {@link #backward}
   * runs, which therefore writes neither.
   *
   * @return {@link #NOT_CAPTURABLE}, the default, if the passes have to be enqueued each time
   */
  default long captureStamp() {
    return NOT_CAPTURABLE;
  }
}
