package dev.krongauss.table;

import dev.krongauss.data.Dataset;
import dev.krongauss.data.RowSplit;

/** The arrays of the training and of the held-out rows. */
final class Encoded {
  private static final float[] NONE = {};

  private final int inputWidth;
  private final int targetWidth;
  private final float[] trainingInputs;
  private final float[] heldOutInputs;
  private final float[] trainingTargets;
  private final float[] heldOutTargets;

  Encoded(RowSplit split, int inputWidth, int targetWidth) {
    int heldOut = split.heldOutCount();
    int training = split.size() - heldOut;
    this.inputWidth = inputWidth;
    this.targetWidth = targetWidth;
    trainingInputs = new float[training * inputWidth];
    heldOutInputs = heldOut == 0 ? NONE : new float[heldOut * inputWidth];
    trainingTargets = new float[training * targetWidth];
    heldOutTargets = heldOut == 0 ? NONE : new float[heldOut * targetWidth];
  }

  private Encoded(Encoded inputs, float[] training, float[] heldOut, int targetWidth) {
    inputWidth = inputs.inputWidth;
    trainingInputs = inputs.trainingInputs;
    heldOutInputs = inputs.heldOutInputs;
    trainingTargets = training;
    heldOutTargets = heldOut;
    this.targetWidth = targetWidth;
  }

  Encoded withTargets(float[] training, float[] heldOut, int width) {
    return new Encoded(this, training, heldOut, width);
  }

  float[] inputs(boolean heldOut) {
    return heldOut ? heldOutInputs : trainingInputs;
  }

  float[] targets(boolean heldOut) {
    return heldOut ? heldOutTargets : trainingTargets;
  }

  /** One of the parts; it has rows. */
  Dataset dataset(String name, boolean heldOut) {
    return Dataset.supervised(name, inputs(heldOut), inputWidth, targets(heldOut), targetWidth);
  }
}
