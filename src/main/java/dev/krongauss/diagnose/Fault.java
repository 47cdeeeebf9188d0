package dev.krongauss.diagnose;

/**
 * Ways in which a trainer's arrays miss the conventions, with what to change. N datapoints, T
 * positions each, R = N·T rows.
 */
public enum Fault {
  /** A value is NaN or infinite; the number is its index. */
  NOT_FINITE("find the update in which the first such value appears, and export an earlier one"),
  /** A shape fits none of the conventions. */
  SHAPE("export activations [N·T][d + 1], δ [N·T][d'] and gradient [d'][d + 1], and give N and T"),
  /** A matrix has columns for rows: the gradient, or an array with a row a unit. */
  TRANSPOSED("transpose it, or export W as [out][in + 1], before the preconditioner sees it"),
  /** Activations have no column of ones. */
  MISSING_BIAS_COLUMN("append a column of ones to the activations, or say that there is no bias"),
  /** The gradient has no column for the bias, though activations have the ones. */
  MISSING_BIAS_GRADIENT("append the bias's gradient as the last column of the gradient"),
  /** Activations have the column of ones twice. */
  DOUBLED_BIAS_COLUMN("append the ones once: the layer's input has them already"),
  /** The column of the bias is the first, not the last, of the activations or the gradient. */
  BIAS_FIRST("move the first column behind the last one"),
  /** The bias's gradient is another multiple of its sum than the weights'; the ratio of the two. */
  BIAS_SCALED("scale the bias's gradient as the weights': the same 1/N, no rate of its own"),
  /** The bias's gradient is zero, and should not be. */
  BIAS_ZERO("write the sum of δ over the rows, divided by N, into the bias's column"),
  /**
   * Gradient or pre-activation gradients: N times the mean. {@link Diagnosis.Builder#top} tells.
   */
  SUMMED_OR_DIVIDED(
      "divide the gradient by N if the loss is summed; multiply δ by N if it is a mean loss's; hand"
          + " over predictions and targets to learn which"),
  /** The gradient is the sum over the batch, where the mean was promised; the factor N. */
  SUMMED("divide the gradient by N, or take the mean of the loss"),
  /** Pre-activation gradients have the mean's 1/N in them already; the factor they need. */
  DELTAS_DIVIDED("multiply δ, and square roots of the curvature made of it, by N"),
  /** The gradient was divided by N twice; the factor 1/N. */
  DIVIDED_TWICE("divide once: a mean loss's gradient is a mean already"),
  /** Shared weights: divided by N·T, where the sum over positions was promised; the factor 1/T. */
  POSITIONS_AVERAGED("multiply the gradient by T: positions are summed, datapoints averaged"),
  /** Divided by the number of outputs, too, as a loss that is a mean over all elements is; 1/d. */
  OUTPUTS_AVERAGED("sum the loss over its outputs, and take the mean over datapoints alone"),
  /** A factor 2^k, 8 or more or 1/8 or less, as mixed precision scales losses; the factor. */
  LOSS_SCALED("divide by the scale of the loss before anything reads the gradient"),
  /** The sign is the other one. */
  NEGATED("export ∂f/∂W itself, not the direction of descent"),
  /** Divided by another number than N, of near N; that number. */
  OTHER_COUNT("divide by the number of datapoints that this batch has, the last one too"),
  /** Another factor; the factor. */
  SCALED("export the gradient before anything scales it: rates, weights of losses, clipping"),
  /** A factor of all layers that brings the norm of all gradients to a round number; that norm. */
  CLIPPED("export the gradient before it is clipped to a norm"),
  /** Elements are cut at a value; that value. */
  ELEMENTS_CLIPPED("export the gradient before its elements are clipped"),
  /** A multiple of the weights is in the gradient; the multiple. */
  WEIGHT_DECAY(
      "diagnose the gradient without weight decay; where that is an L2 term of the objective, give it to"
          + " LayerSteps as l2, whose gradients have it"),
  /** A multiple of the update before is in the gradient; the multiple. */
  MOMENTUM("export the gradient before it is averaged with earlier ones"),
  /** The gradient of the update before is still in it. */
  ACCUMULATED("zero the gradient before the backward pass"),
  /** Rows of δ belong to activations some rows away; by how many. */
  ROWS_SHIFTED("export both from one batch and one pass, without dropping or adding a row"),
  /** Rows of δ and of activations are in different orders. */
  ROWS_REORDERED("lay both out alike: row n·T + t, datapoint by datapoint"),
  /** Activations are those of the batch before. */
  STALE_ACTIVATIONS("keep activations in the forward pass of the same batch as δ"),
  /** Activations are not those of these δ: of another batch, or with rows in another order. */
  OTHER_ACTIVATIONS(
      "export both from one pass; hand over the previous ones to learn which they are"),
  /** Pre-activation gradients are not those of these activations and this gradient. */
  OTHER_DELTAS("export δ of the backward pass that computed this gradient"),
  /** The targets were some rows away from their predictions; by how many. */
  TARGETS_SHIFTED("give each row the target of its own datapoint"),
  /** What was exported for this layer is another's; its number. */
  LAYERS_SWAPPED("list layers from the input on: backward hooks see them from the output on"),
  /** Columns of the activations are in another order than the gradient's. */
  INPUTS_REORDERED("flatten inputs in one order: channels first or last, rows or columns first"),
  /** Columns of δ are in another order than the gradient's rows. */
  UNITS_REORDERED("keep units in one order"),
  /** Activations are pre-activations of the layer below: its non-linearity is missing. */
  BEFORE_ACTIVATION("export what enters the layer, behind the non-linearity of the one below"),
  /** Gradients are by the layer's output: the derivative of its non-linearity is missing. */
  AFTER_ACTIVATION("export the gradient by the pre-activation: multiply by f'(h)"),
  /** The gradient is zero, and should not be. */
  ZERO("export the gradient behind the backward pass and before it is zeroed"),
  /** Beyond likely rounding, within what sums in the worst order may lose; the relative error. */
  ROUNDING("sum in blocks or in double: digits of the gradient are lost"),
  /** None of the above explains the gradient; the cosine between it and what it should be. */
  UNEXPLAINED(
      "hand over weights, the gradient before and the activations before; then compare one datapoint"
          + " with the gradient by finite differences");

  private final String remedy;

  Fault(String remedy) {
    this.remedy = remedy;
  }

  /** What to change. */
  public String remedy() {
    return remedy;
  }
}
