package dev.krongauss.net;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.SecondDerivative;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.model.LayerTrace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One dense layer at one batch size: views of its weights, its input and what the passes write.
 *
 * @param input ā_{l-1} [N][i + 1]; for layer 1 replaced by the batch's own inputs
 * @param output [N][o] view of ā_l without its 1 column, or h_L
 * @param derivative b_l [N][o], null for the output layer
 * @param delta δ_l [N][o], null for the output layer (it is the loss' gradient)
 * @param tangent v_l [N][o]
 * @param second the kernel of f''
 */
record Layer(
    Activation activation,
    Matrix weights,
    Matrix input,
    Matrix output,
    Matrix derivative,
    Matrix delta,
    Matrix tangent,
    SecondDerivative second)
    implements LayerTrace {

  /**
   * Layers 1 … L for batches of N datapoints, each the input of the next one.
   *
   * @param arena of the passes
   * @param weights W_1 … W_L
   * @param stream gets the 1 columns
   */
  static List<Layer> chain(
      Arena arena,
      int N,
      List<Activation> activations,
      List<Matrix> weights,
      SecondDerivative second,
      Stream stream) {
    List<Layer> layers = new ArrayList<>();
    Matrix input = null;
    for (int l = 1; l <= weights.size(); l++) {
      boolean last = l == weights.size();
      int units = weights.get(l - 1).rows();
      Matrix padded = last ? null : homogeneous(arena, N, units, "a" + l, stream);
      layers.add(
          new Layer(
              activations.get(l - 1),
              weights.get(l - 1),
              input,
              last ? arena.matrix(N, units, "h") : padded.columns(units),
              last ? null : arena.matrix(N, units, "b" + l),
              last ? null : arena.matrix(N, units, "delta" + l),
              arena.matrix(N, units, "v" + l),
              second));
      input = padded;
    }
    return layers;
  }

  /** Memory for ā: the last column is 1 from the start and is never written again. */
  static Matrix homogeneous(Arena arena, int N, int units, String name, Stream stream) {
    Matrix padded = arena.matrix(N, units + 1, name);
    float[] ones = new float[N];
    Arrays.fill(ones, 1);
    Matrix.wrap(padded.pointer() + 4L * units, N, 1, padded.stride()).upload(ones, stream);
    return padded;
  }

  /** The same with the first n rows of everything; layer 1 is still to be given its input. */
  Layer rows(int n) {
    return new Layer(
        activation,
        weights,
        first(input, n),
        first(output, n),
        first(derivative, n),
        first(delta, n),
        first(tangent, n),
        second);
  }

  private static Matrix first(Matrix matrix, int n) {
    return matrix == null ? null : matrix.rows(0, n);
  }

  Layer withInput(Matrix batchInputs) {
    return input != null
            && input.pointer() == batchInputs.pointer()
            && input.stride() == batchInputs.stride()
        ? this
        : new Layer(activation, weights, batchInputs, output, derivative, delta, tangent, second);
  }

  @Override
  public void secondDerivative(Matrix out, Stream s) {
    second.of(s, activation.transfer(), output, derivative, out);
  }

  Link.Forward forward() {
    return new Link.Forward(
        input, weights, activation.transfer(), activation.slope(), output, derivative);
  }

  /** From the gradient at this layer's pre-activations to that at the layer below. */
  Link.Backward backward(Matrix gradient, Layer below) {
    return new Link.Backward(gradient, weights, below.derivative, below.delta);
  }

  /** Along the change D of the weights; {@code below} is null for the first layer. */
  Link.Tangent tangent(Matrix D, Layer below) {
    return new Link.Tangent(
        input, D, below == null ? null : below.tangent, weights, derivative, tangent);
  }
}
