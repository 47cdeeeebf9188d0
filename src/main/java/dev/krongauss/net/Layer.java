package dev.krongauss.net;

import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.SecondDerivative;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.model.LayerTrace;

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
