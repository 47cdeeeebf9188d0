package dev.krongauss.diagnose;

import java.util.ArrayList;
import java.util.List;

/** Finds gradients that were clipped: element by element, or all together by their norm. */
final class Clipping {
  private static final double SAME_FACTOR = 1e-4;
  private static final double SAME_NORM = 2e-5;

  private Clipping() {}

  /** The value at which elements are cut, or 0. */
  static double elements(Batch batch, Separated layer, Product ofWeights, Product ofBias) {
    float limit = Math.max(largest(layer.g().values()), layer.b() == null ? 0 : largest(layer.b()));
    int cut = at(layer.g().values(), limit) + (layer.b() == null ? 0 : at(layer.b(), limit));
    boolean is =
        cut >= 2
            && beyond(ofWeights, batch, limit)
                    + (layer.b() == null ? 0 : beyond(ofBias, batch, limit))
                >= 2
            && isCut(layer.g().values(), ofWeights, batch, limit)
            && (layer.b() == null || isCut(layer.b(), ofBias, batch, limit));
    return is ? limit : 0;
  }

  private static float largest(float[] g) {
    float largest = 0;
    for (float each : g) {
      largest = Math.max(largest, Math.abs(each));
    }
    return largest;
  }

  private static int at(float[] g, float limit) {
    int count = 0;
    for (float each : g) {
      count += Math.abs(each) == limit ? 1 : 0;
    }
    return count;
  }

  /** How many elements are above the limit by more than a sum in the worst order loses. */
  private static int beyond(Product product, Batch batch, float limit) {
    int count = 0;
    for (int i = 0; i < product.value().length; i++) {
      double lost = product.worst() * product.margin()[i];
      count += (Math.abs(product.value()[i]) - lost) * Math.abs(batch.unit()) > limit ? 1 : 0;
    }
    return count;
  }

  private static boolean isCut(float[] g, Product product, Batch batch, float limit) {
    double unit = batch.unit();
    for (int i = 0; i < g.length; i++) {
      double value = product.value()[i] * unit;
      double wanted = Math.max(-limit, Math.min(limit, value));
      double bound =
          Math.abs(unit) * product.margin()[i] + batch.rounding().stored() * Math.abs(wanted);
      if (!(Math.abs(g[i] - wanted) <= bound)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Where all layers are scaled down by one factor so that the norm of all gradients is a round
   * number, that is what happened.
   *
   * @return the findings, those of the factor replaced
   */
  static List<Finding> ofNorm(List<Finding> findings, List<Separated> layers) {
    List<Finding> scaled = findings.stream().filter(each -> each.fault() == Fault.SCALED).toList();
    double norm = norm(layers);
    if (scaled.size() != layers.size() || !sameFactor(scaled) || !isRound(norm)) {
      return findings;
    }
    List<Finding> result = new ArrayList<>(findings);
    result.replaceAll(
        each ->
            scaled.contains(each)
                ? new Finding(
                    Fault.CLIPPED,
                    each.layer(),
                    norm,
                    "%s, which makes the norm of all gradients %s"
                        .formatted(each.sentence(), Factor.shown(norm)))
                : each);
    return result;
  }

  private static boolean sameFactor(List<Finding> scaled) {
    double first = scaled.get(0).number();
    return first > 0
        && first < 1
        && scaled.stream().allMatch(f -> Math.abs(f.number() / first - 1) <= SAME_FACTOR);
  }

  private static double norm(List<Separated> layers) {
    double sum = 0;
    for (Separated each : layers) {
      if (each == null) {
        return Double.NaN;
      }
      for (float g : each.g().values()) {
        sum += (double) g * g;
      }
      for (int i = 0; each.b() != null && i < each.b().length; i++) {
        sum += (double) each.b()[i] * each.b()[i];
      }
    }
    return Math.sqrt(sum);
  }

  /** One digit and zeros. */
  private static boolean isRound(double norm) {
    double unit = Math.pow(10, Math.floor(Math.log10(norm * (1 + SAME_NORM))));
    double digit = Math.rint(norm / unit);
    return Math.abs(norm / (digit * unit) - 1) <= SAME_NORM;
  }
}
