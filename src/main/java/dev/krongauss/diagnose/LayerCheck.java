package dev.krongauss.diagnose;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Holds one layer's gradient against Σ δ āᵀ, then against every way to miss it. */
final class LayerCheck {
  /** Share of the gradient that rounding in the worst order may be thought to have changed. */
  private static final double MOST_LOST = 0.1;

  /** Cosine from which a gradient is near another one, though not equal. */
  private static final double NEAR = 0.9;

  private static final double MUCH_NEARER = 3;

  private final Batch batch;
  private final List<Separated> layers;
  private final Separated layer;
  private final Product ofWeights;
  private final Product ofBias;
  private final Hypothesis.Pair right;
  private final List<Factor> factors;
  private final List<Finding> findings = new ArrayList<>();

  private LayerCheck(Batch batch, List<Separated> layers, Separated layer) {
    this.batch = batch;
    this.layers = layers;
    this.layer = layer;
    Rounding rounding = batch.rounding();
    ofWeights = Product.of(layer.D(), layer.A(), rounding, batch.N());
    ofBias = Product.ofOnes(layer.D(), rounding, batch.N());
    right =
        new Hypothesis.Pair(
            new Comparison(layer.g().values(), ofWeights, rounding),
            layer.b() == null ? null : new Comparison(layer.b(), ofBias, rounding));
    factors = Factor.known(batch, batch.deltasKnown());
  }

  /**
   * What a layer's check came to.
   *
   * @param findings none where the gradient is right
   * @param told whether a wrong factor would have been seen: not if the gradient is within rounding
   *     of zero
   */
  record Outcome(List<Finding> findings, boolean told) {}

  /**
   * Checks one layer.
   *
   * @param layers all of them, null where shapes fit nothing
   */
  static Outcome of(Batch batch, List<Separated> layers, Separated layer) {
    LayerCheck check = new LayerCheck(batch, layers, layer);
    boolean explained =
        check.right.are(batch.unit())
            || check.isZero()
            || check.isAnotherFactor()
            || check.isAnotherWay(true)
            || check.hasMoreInIt()
            || check.isClipped()
            || check.isLossOfDigits()
            || check.isAnyFactor()
            || check.isAnotherWay(false)
            || check.isNearlyShifted()
            || check.isHalfRight();
    if (!explained) {
      check.sayUnexplained();
    }
    return new Outcome(check.findings, check.right.weights().tells());
  }

  private boolean isZero() {
    boolean zero = right.weights().isZero() && (right.bias() == null || right.bias().isZero());
    if (zero) {
      found(Fault.ZERO, Double.NaN, "the gradient is zero, and the sum of δ āᵀ is not");
    }
    return zero;
  }

  /** Weights and bias are each right but for a factor that has a name, or the bias is zero. */
  private boolean isAnotherFactor() {
    Factor weights = Factor.first(factors, right.weights(), batch.unit());
    if (weights == null || !right.weights().tells() && !weights.isOne()) {
      return false;
    }
    return says(weights, right, "");
  }

  /** Weights and bias are multiples of what they should be. */
  private boolean isAnyFactor() {
    Comparison w = right.weights();
    if (!w.isMultiple() || w.elements() < 2 && right.bias() == null) {
      return false;
    }
    Factor factor = Factor.of(w.factor() / batch.unit(), batch, w, batch.unit());
    return says(factor, right, "");
  }

  /**
   * Says of which factor the weights are, and the bias if it is of another one.
   *
   * @param of what it is a multiple of, as a beginning of the sentence; empty for the mean itself
   * @return false if the bias is no multiple at all
   */
  private boolean says(Factor weights, Hypothesis.Pair parts, String of) {
    Comparison b = parts.bias();
    Factor bias = b == null ? weights : factorOf(b, weights, parts.weights());
    if (bias == null) {
      return false;
    }
    if (!weights.isOne()) {
      boolean alone = b != null && bias != weights;
      found(
          weights.fault(),
          weights.value(),
          "the gradient%s is %s times the mean of δ āᵀ%s"
              .formatted(alone ? " of the weights" : "", weights.words(), of));
    }
    if (bias != weights) {
      double ratio = bias.value() / weights.value();
      boolean zero = b.isZero();
      found(
          zero ? Fault.BIAS_ZERO : Fault.BIAS_SCALED,
          zero ? 0 : ratio,
          zero
              ? "the bias's gradient is zero, and the sum of δ is not"
              : "the bias's gradient is %s times the mean of δ, the weights' %s"
                  .formatted(bias.words(), weights.words()));
    }
    return true;
  }

  /** The bias's factor: the weights' own where it may be, else one with a name, else any. */
  private Factor factorOf(Comparison b, Factor weights, Comparison w) {
    double unit = batch.unit();
    double of =
        weights.fault() == Fault.OTHER_COUNT ? batch.N() / weights.value() : weights.value();
    if (b.is(of * unit) || b.isAsMuchAs(w)) {
      return weights;
    }
    if (b.isZero()) {
      return new Factor(Fault.BIAS_ZERO, 0, "0");
    }
    Factor named = b.tells() ? Factor.first(factors, b, unit) : null;
    return named != null || !b.isMultiple()
        ? named
        : new Factor(Fault.BIAS_SCALED, b.factor() / unit, Factor.shown(b.factor() / unit));
  }

  /**
   * Some other way gives the gradient.
   *
   * @param exactly with the right factor, or with any
   */
  private boolean isAnotherWay(boolean exactly) {
    for (Hypothesis each : Hypotheses.of(batch, layers, layer, ofWeights, ofBias)) {
      Hypothesis.Pair parts = each.parts().get().orElse(null);
      if (parts == null || !parts.weights().tells()) {
        continue;
      }
      if (exactly ? parts.are(batch.unit()) : parts.areMultiples()) {
        found(each.fault(), each.number(), "the gradient is right for " + each.words());
        if (!exactly) {
          Comparison w = parts.weights();
          Factor named = Factor.first(factors, w, batch.unit());
          double q = w.factor() / batch.unit();
          says(named != null ? named : Factor.of(q, batch, w, batch.unit()), parts, " of these");
        }
        return true;
      }
    }
    return false;
  }

  private boolean hasMoreInIt() {
    return MixedIn.find(batch, layer, ofWeights, ofBias, findings);
  }

  private boolean isClipped() {
    double limit = Clipping.elements(batch, layer, ofWeights, ofBias);
    if (limit > 0) {
      found(
          Fault.ELEMENTS_CLIPPED,
          limit,
          "elements of the gradient end at %s, where the mean of δ āᵀ goes on"
              .formatted(Factor.shown(limit)));
    }
    return limit > 0;
  }

  private boolean isLossOfDigits() {
    double unit = batch.unit();
    double error = right.weights().relativeError(unit);
    double ofBias = right.bias() == null ? 0 : right.bias().relativeError(unit);
    boolean may =
        right.weights().mayBe(unit)
            && (right.bias() == null || right.bias().mayBe(unit))
            && (error <= MOST_LOST || !right.weights().tells())
            && (ofBias <= MOST_LOST || !right.bias().tells());
    if (may) {
      double larger = Math.max(error, ofBias);
      found(
          Fault.ROUNDING,
          larger,
          String.format(
              Locale.ROOT,
              "the gradient is %.2g of its size away from the mean of δ āᵀ: more than blocked sums of %s"
                  + " lose, less than row after row may",
              larger,
              batch.rounding()));
    }
    return may;
  }

  /** Rows at one end are missing: no shift gives the gradient, but one comes near. */
  private boolean isNearlyShifted() {
    RowOrder best = null;
    double most = Math.max(NEAR, 1 - (1 - right.weights().cosine()) / MUCH_NEARER);
    for (RowOrder order : RowOrder.all(batch.N(), batch.T())) {
      Values D = layer.D().rows(order.rows());
      Product M = Product.of(D, layer.A(), batch.rounding(), batch.N());
      double cosine = new Comparison(layer.g().values(), M, batch.rounding()).cosine();
      if (cosine > most && layer.g().values().length > 1) {
        most = cosine;
        best = order;
      }
    }
    if (best != null) {
      found(
          best.fault(),
          best.number(),
          String.format(
              Locale.ROOT, "the gradient is near, cosine %.4f, to that of %s", most, best.words()));
    }
    return best != null;
  }

  /** The bias is right and the weights are not, or the other way round; or whose rows it is of. */
  private boolean isHalfRight() {
    Comparison b = right.bias();
    if (b != null && b.tells() && b.is(batch.unit()) && b.elements() > 1) {
      found(
          Fault.OTHER_ACTIVATIONS,
          right.weights().cosine(),
          String.format(
              Locale.ROOT,
              "the bias's gradient is the mean of δ, and the weights' is not that of δ aᵀ: cosine %.4f",
              right.weights().cosine()));
      return true;
    }
    if (right.weights().tells() && right.weights().is(batch.unit())) {
      found(
          Fault.BIAS_SCALED,
          Double.NaN,
          "the weights' gradient is right, and the bias's no multiple of the sum of δ");
      return true;
    }
    if (Span.holdsRows(layer.A(), layer.g())) {
      found(
          Fault.OTHER_DELTAS,
          right.weights().cosine(),
          "the gradient is made of these activations, with other factors than these δ");
      return true;
    }
    if (Span.holdsRows(layer.D(), layer.g().transposed())) {
      found(
          Fault.OTHER_ACTIVATIONS,
          right.weights().cosine(),
          "the gradient is made of these δ, with other factors than these activations");
      return true;
    }
    return false;
  }

  private void sayUnexplained() {
    found(
        Fault.UNEXPLAINED,
        right.weights().cosine(),
        String.format(
            Locale.ROOT,
            "the gradient is none of what is known: cosine %.4f with the mean of δ āᵀ, %.3g times its"
                + " length",
            right.weights().cosine(),
            right.weights().relativeLength(batch.unit())));
  }

  private void found(Fault fault, double number, String sentence) {
    findings.add(new Finding(fault, layer.index(), number, sentence));
  }
}
