package dev.krongauss.diagnose;

import java.util.List;

/** Finds weights, or the gradient of the update before, in a gradient. */
final class MixedIn {
  private final Batch batch;
  private final Separated layer;
  private final Product ofWeights;
  private final Product ofBias;
  private final List<Finding> findings;

  private MixedIn(
      Batch batch, Separated layer, Product ofWeights, Product ofBias, List<Finding> findings) {
    this.batch = batch;
    this.layer = layer;
    this.ofWeights = ofWeights;
    this.ofBias = ofBias;
    this.findings = findings;
  }

  /** Whether it was found; then findings say so. */
  static boolean find(
      Batch batch, Separated layer, Product ofWeights, Product ofBias, List<Finding> findings) {
    MixedIn mixed = new MixedIn(batch, layer, ofWeights, ofBias, findings);
    Separated.Extras extras = layer.extras();
    boolean W = extras.W() != null;
    boolean previous = extras.previous() != null;
    return W && mixed.is(true, false)
        || previous && mixed.is(false, true)
        || W && previous && mixed.is(true, true);
  }

  private boolean is(boolean withW, boolean withPrevious) {
    Separated.Extras extras = layer.extras();
    double stored = batch.rounding().stored();
    double[][] others = others(withW, withPrevious, extras.W(), extras.previous());
    Mixture mixture = Mixture.of(layer.g().values(), ofWeights, stored, others);
    for (int k = 0; k <= others.length; k++) {
      if (!mixture.fits() || !mixture.counts(k)) {
        return false;
      }
    }
    double[] x = mixture.coefficients();
    if (!biasFits(withW, withPrevious, x, mixture.doubts())) {
      return false;
    }
    say(withW, withPrevious, mixture);
    return true;
  }

  /** Decay is often left out for biases. */
  private boolean biasFits(boolean withW, boolean withPrevious, double[] x, double[] doubts) {
    if (layer.b() == null) {
      return true;
    }
    Separated.Extras extras = layer.extras();
    double stored = batch.rounding().stored();
    Values W = withW ? new Values(layer.out(), 1, extras.biasW()) : null;
    Values previous = withPrevious ? new Values(layer.out(), 1, extras.biasPrevious()) : null;
    double[][] others = others(withW, withPrevious, W, previous);
    if (Mixture.explains(layer.b(), ofBias, stored, x, doubts, others)) {
      return true;
    }
    double[] without = x.clone();
    if (withW) {
      without[1] = 0;
    }
    return withW && Mixture.explains(layer.b(), ofBias, stored, without, doubts, others);
  }

  private void say(boolean withW, boolean withPrevious, Mixture mixture) {
    double q = mixture.coefficients()[0] / batch.unit();
    boolean whole = mixture.is(0, batch.unit());
    String rest = whole ? "the mean of δ āᵀ" : Factor.shown(q) + " times the mean of δ āᵀ";
    if (withW) {
      double eta = mixture.coefficients()[1];
      found(
          Fault.WEIGHT_DECAY,
          eta,
          "the gradient is %s and %s times the weights".formatted(rest, Factor.shown(eta)));
    }
    if (withPrevious) {
      int k = withW ? 2 : 1;
      double mu = mixture.coefficients()[k];
      boolean accumulated = whole && mixture.is(k, 1);
      found(
          accumulated ? Fault.ACCUMULATED : Fault.MOMENTUM,
          mu,
          "the gradient is %s and %s the one before"
              .formatted(rest, accumulated ? "all of" : Factor.shown(mu) + " times"));
    }
  }

  private static double[][] others(boolean withW, boolean withPrevious, Values W, Values previous) {
    double[][] others = new double[(withW ? 1 : 0) + (withPrevious ? 1 : 0)][];
    if (withW) {
      others[0] = doubles(W.values());
    }
    if (withPrevious) {
      others[others.length - 1] = doubles(previous.values());
    }
    return others;
  }

  private static double[] doubles(float[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = values[i];
    }
    return result;
  }

  private void found(Fault fault, double number, String sentence) {
    findings.add(new Finding(fault, layer.index(), number, sentence));
  }
}
