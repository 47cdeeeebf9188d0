package dev.krongauss.diagnose;

/**
 * A layer with its bias apart from its weights, in the convention's shapes.
 *
 * @param index of the layer, from 0
 * @param A activations without the ones {@code [R][in]}
 * @param D pre-activation gradients {@code [R][out]}
 * @param g gradient of the weights {@code [out][in]}
 * @param b gradient of the bias {@code [out]}; null without one
 * @param extras what may be mixed into the gradient, null where it was not handed over
 * @param before activations of the batch before {@code [R'][in]}, or null
 */
record Separated(int index, Values A, Values D, Values g, float[] b, Extras extras, Values before) {
  /**
   * Weights and bias of what may be mixed into the gradient, each null where it was not handed
   * over.
   */
  record Extras(Values W, float[] biasW, Values previous, float[] biasPrevious) {}

  int in() {
    return A.columns();
  }

  int out() {
    return D.columns();
  }

  int R() {
    return D.rows();
  }
}
