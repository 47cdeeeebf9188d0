package dev.krongauss.diagnose;

import java.util.List;

/**
 * Holds δ of the last layer against prediction − target, which they are under the squared loss ½‖p
 * − t‖², and under Bernoulli and softmax losses with p the probabilities.
 */
final class Top {
  /** Share of the largest by which two programs' predictions may differ in FP32. */
  private static final double TWO_PROGRAMS = 0x1p-12;

  private static final double MANY_ROUNDINGS = 8;

  private final int layer;
  private final Batch batch;
  private final Values deltas;
  private final Values predictions;
  private final Values targets;
  private final List<Finding> findings;

  private Top(
      int layer,
      Batch batch,
      Values deltas,
      Values predictions,
      Values targets,
      List<Finding> findings) {
    this.layer = layer;
    this.batch = batch;
    this.deltas = deltas;
    this.predictions = predictions;
    this.targets = targets;
    this.findings = findings;
  }

  /**
   * What is now known of δ: the batch with the factor that they have beside those of each
   * datapoint's own loss.
   */
  static Batch of(
      int layer,
      Batch batch,
      Values deltas,
      Values predictions,
      Values targets,
      List<Finding> findings) {
    return new Top(layer, batch, deltas, predictions, targets, findings).check();
  }

  private Batch check() {
    if (predictions.rows() != batch.R()
        || deltas.rows() != batch.R()
        || predictions.columns() != deltas.columns()) {
      found(
          Fault.SHAPE,
          Double.NaN,
          "predictions are %s, and δ of the last layer %s"
              .formatted(predictions.shape(), deltas.shape()));
      return batch;
    }
    Double factor = factor(0);
    if (factor != null) {
      return known(factor);
    }
    for (int by : RowOrder.shifts(batch.N(), batch.T())) {
      Double shifted = factor(by);
      if (shifted != null) {
        found(
            Fault.TARGETS_SHIFTED,
            by,
            "δ of the last layer are predictions less the targets %d rows %s"
                .formatted(Math.abs(by), by > 0 ? "further on" : "before"));
        return known(shifted);
      }
    }
    found(
        Fault.OTHER_DELTAS,
        Double.NaN,
        "δ of the last layer are no multiple of prediction − target: of another loss, other"
            + " targets, or by the outputs behind a non-linearity");
    return batch;
  }

  private Batch known(double factor) {
    double N = batch.N();
    if (near(factor, 1 / N) && N > 1) {
      found(Fault.DELTAS_DIVIDED, N, "δ of the last layer are 1/N times prediction − target");
      return with(1 / N);
    }
    if (near(factor, 1 / (N * batch.T())) && N > 1) {
      found(
          Fault.DELTAS_DIVIDED,
          N * batch.T(),
          "δ of the last layer are 1/(N T) times prediction − target");
      return with(1 / (N * batch.T()));
    }
    if (near(factor, 1)) {
      return with(1);
    }
    for (Factor each : Factor.known(batch, true)) {
      if (each.fault() != null && near(factor, each.value())) {
        found(
            each.fault(),
            each.value(),
            "δ of the last layer are %s times prediction − target".formatted(each.words()));
        return with(each.value());
      }
    }
    found(
        Fault.SCALED,
        factor,
        "δ of the last layer are %s times prediction − target".formatted(Factor.shown(factor)));
    return with(factor);
  }

  private Batch with(double factor) {
    return new Batch(batch.N(), batch.T(), batch.outputs(), batch.rounding(), factor, true);
  }

  private boolean near(double a, double b) {
    return Math.abs(a - b) <= tolerance() * Math.abs(b);
  }

  private double tolerance() {
    return TWO_PROGRAMS + MANY_ROUNDINGS * batch.rounding().stored();
  }

  /**
   * By what δ are a multiple of the predictions less the targets some rows further on; null if they
   * are none.
   */
  private Double factor(int by) {
    int R = batch.R();
    int d = deltas.columns();
    double along = 0;
    double square = 0;
    double largest = 0;
    for (int i = 0; i < R * d; i++) {
      double wanted = wanted(i, by, R, d);
      along += wanted * deltas.values()[i];
      square += wanted * wanted;
      largest = Math.max(largest, Math.abs(wanted));
    }
    double factor = square == 0 ? 0 : along / square;
    double bound = Math.abs(factor) * largest * tolerance();
    for (int i = 0; i < R * d; i++) {
      if (!(Math.abs(deltas.values()[i] - factor * wanted(i, by, R, d)) <= bound)) {
        return null;
      }
    }
    return factor == 0 ? null : factor;
  }

  private double wanted(int i, int by, int R, int d) {
    int row = Math.floorMod(i / d + by, R);
    return (double) predictions.values()[i] - targets.values()[row * d + i % d];
  }

  private void found(Fault fault, double number, String sentence) {
    findings.add(new Finding(fault, layer, number, sentence));
  }
}
