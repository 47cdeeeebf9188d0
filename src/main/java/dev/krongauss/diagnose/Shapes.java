package dev.krongauss.diagnose;

import java.util.List;

/** Brings a layer's arrays into the convention's shapes, and says what was otherwise. */
final class Shapes {
  private final int layer;
  private final LayerArrays arrays;
  private final int R;
  private final List<Finding> findings;
  private Values activations;
  private Values deltas;
  private Values gradient;
  private int first; // column of the first weight in the activations
  private int in;
  private boolean gradientHasBias;
  private boolean turned;

  private Shapes(int layer, LayerArrays arrays, int R, List<Finding> findings) {
    this.layer = layer;
    this.arrays = arrays;
    this.R = R;
    this.findings = findings;
  }

  /**
   * Separates weights and bias.
   *
   * @param R rows that activations and δ should have
   * @param findings to which faults are added
   * @return null if the shapes fit no convention
   */
  static Separated of(int layer, LayerArrays arrays, int R, List<Finding> findings) {
    Shapes shapes = new Shapes(layer, arrays, R, findings);
    return shapes.rowsFit() && shapes.gradientFits() ? shapes.separated() : null;
  }

  private boolean rowsFit() {
    activations = upright(arrays.activations(), "activations");
    deltas = upright(arrays.deltas(), "pre-activation gradients");
    if (activations.rows() == R && deltas.rows() == R) {
      return true;
    }
    found(
        Fault.SHAPE,
        "activations %s and pre-activation gradients %s should have %d rows, one for each position"
            + " of each datapoint",
        activations.shape(),
        deltas.shape(),
        R);
    return false;
  }

  /** The array with a row a datapoint. */
  private Values upright(Values values, String what) {
    if (values.rows() != R && values.columns() == R) {
      found(Fault.TRANSPOSED, "%s are %s: a column a datapoint", what, values.shape());
      return values.transposed();
    }
    return values;
  }

  private boolean gradientFits() {
    int out = deltas.columns();
    int k = activations.columns();
    boolean lastIsOnes = arrays.bias() && k > 1 && activations.isOnes(k - 1);
    gradient = arrays.gradient();
    if (gradient.rows() != out && gradient.columns() == out) {
      turned = true;
      found(Fault.TRANSPOSED, "the gradient is %s, [in][out]", gradient.shape());
      gradient = gradient.transposed();
    }
    int q = gradient.columns();
    boolean firstIsOnes = arrays.bias() && k > 1 && q == k && !lastIsOnes && activations.isOnes(0);
    first = firstIsOnes ? 1 : 0;
    in = lastIsOnes || firstIsOnes ? k - 1 : k;
    if (gradient.rows() == out && lastIsOnes && q == k - 1 && k > 2 && activations.isOnes(k - 2)) {
      found(
          Fault.DOUBLED_BIAS_COLUMN,
          "activations %s end with two columns of ones, and the gradient %s has one column less",
          activations.shape(),
          gradient.shape());
      in = k - 2;
    }
    if (gradient.rows() != out || q != in && !(arrays.bias() && q == in + 1)) {
      found(
          Fault.SHAPE,
          "the gradient %s does not fit activations %s and pre-activation gradients %s; it should be"
              + " [%d][%d]",
          arrays.gradient().shape(),
          activations.shape(),
          deltas.shape(),
          out,
          arrays.bias() ? in + 1 : in);
      return false;
    }
    gradientHasBias = q == in + 1;
    sayOfTheBias(in < k, firstIsOnes);
    return true;
  }

  private void sayOfTheBias(boolean ones, boolean firstIsOnes) {
    if (firstIsOnes) {
      found(Fault.BIAS_FIRST, "the first column of the activations is the one of ones");
    }
    if (arrays.bias() && !ones) {
      found(
          Fault.MISSING_BIAS_COLUMN,
          "activations %s have no column of ones, and the gradient %s has %s",
          activations.shape(),
          gradient.shape(),
          gradientHasBias ? "the bias's column" : "none for a bias either");
    }
    if (ones && !gradientHasBias) {
      found(
          Fault.MISSING_BIAS_GRADIENT,
          "the gradient %s has no column for the ones of the activations %s",
          gradient.shape(),
          activations.shape());
    }
  }

  private Separated separated() {
    Values W = fitting(arrays.weights(), "weights");
    Values previous = fitting(arrays.previousGradient(), "the gradient before");
    Separated.Extras extras =
        new Separated.Extras(weights(W), bias(W), weights(previous), bias(previous));
    return new Separated(
        layer,
        activations.columns(first, in),
        deltas,
        weights(gradient),
        bias(gradient),
        extras,
        before());
  }

  private Values before() {
    Values before = arrays.previousActivations();
    if (before == null || before.columns() >= first + in) {
      return before == null ? null : before.columns(first, in);
    }
    found(
        Fault.SHAPE,
        "activations of the batch before are %s, and those of this one %s",
        before.shape(),
        activations.shape());
    return null;
  }

  private Values weights(Values of) {
    return of == null ? null : of.columns(0, in);
  }

  private float[] bias(Values of) {
    return of == null || of.columns() == in ? null : of.columns(in, 1).values();
  }

  /** A matrix that should be shaped like the gradient; null where there is none. */
  private Values fitting(Values of, String what) {
    if (of == null) {
      return null;
    }
    Values upright = turned ? of.transposed() : of;
    if (upright.rows() == gradient.rows() && upright.columns() == gradient.columns()) {
      return upright;
    }
    found(
        Fault.SHAPE,
        "%s are %s, and the gradient is %s: not looked at",
        what,
        of.shape(),
        arrays.gradient().shape());
    return null;
  }

  private void found(Fault fault, String format, Object... values) {
    findings.add(new Finding(fault, layer, Double.NaN, format.formatted(values)));
  }
}
