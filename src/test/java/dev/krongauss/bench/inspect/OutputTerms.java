package dev.krongauss.bench.inspect;

import dev.krongauss.reference.Algebra;
import dev.krongauss.reference.ReferenceLoss;
import dev.krongauss.reference.ReferenceMixture;
import java.util.Locale;

/**
 * A datapoint's loss at the output, in double.
 *
 * @param curvature what KFLR and KFRA start from
 * @param hessian the literal one
 */
record OutputTerms(double value, double[] gradient, double[][] curvature, double[][] hessian) {
  /** The losses of a case; the mixture's two splits apart. */
  enum Kind {
    SQUARED,
    BERNOULLI,
    SOFTMAX,
    OUTCOME,
    LOGIT;

    boolean mixture() {
      return this == OUTCOME || this == LOGIT;
    }

    OutputTerms at(double[] h, double[] t) {
      if (!mixture()) {
        ReferenceLoss loss = ReferenceLoss.valueOf(name().toUpperCase(Locale.ROOT));
        double[][] H = loss.hessian(h);
        return new OutputTerms(loss.value(h, t), loss.gradient(h, t), H, H);
      }
      ReferenceMixture mixture = new ReferenceMixture(h, (int) t[0]);
      double[] gradient = mixture.gradient();
      double[][] curvature = this == OUTCOME ? Algebra.outer(gradient, gradient) : mixture.fisher();
      return new OutputTerms(mixture.value(), gradient, curvature, mixture.hessian());
    }
  }
}
