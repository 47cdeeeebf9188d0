package org.example.libtorch;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** A classifier whose every parameter belongs to a {@link Layer}. */
interface Model {
  /** All layers, in any order, but always the same. */
  List<Layer> layers();

  /**
   * Positions T of a datapoint that a layer is applied at.
   *
   * @param batch inputs, N datapoints
   */
  int positions(Layer layer, Tensor batch);

  /** Whether the loss is a mean over positions, as a language model's, or over datapoints. */
  boolean lossAtEachPosition();

  /**
   * Runs a batch.
   *
   * @param batch N datapoints along the first dimension
   * @return logits {@code [rows][classes]}, a row for each term of the loss
   */
  Tensor forward(Tensor batch, Tape tape);

  /** What LibTorch's optimisers take. */
  default TensorVector parameters() {
    return new TensorVector(layers().stream().map(Layer::weight).toArray(Tensor[]::new));
  }

  /** Sets all gradients to zero where they are. */
  default void zeroGradients() {
    layers().forEach(layer -> layer.weight().grad().zero_());
  }
}
