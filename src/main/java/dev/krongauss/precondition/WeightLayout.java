package dev.krongauss.precondition;

/** How the weights of a layer, and their gradients, lie in memory. */
public enum WeightLayout {
  /** {@code [out][in]}: this project's, PyTorch's and LibTorch's linear layers. */
  OUT_IN,
  /** {@code [in][out]}: the kernels of Keras and Flax. */
  IN_OUT
}
