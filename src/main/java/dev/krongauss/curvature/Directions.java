package dev.krongauss.curvature;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.List;

/** What products with curvature check before they enqueue anything. */
final class Directions {
  private Directions() {}

  /** The output must be that of a forward pass of the model, with targets for each datapoint. */
  static void output(Model model, LossFunction loss, Matrix h, Matrix t) {
    int L = model.parameters().size();
    int outputs = model.parameters().get(L - 1).rows();
    Check.that(
        model.traces().size() == L,
        "the model has %d traces for %d layers; run its forward pass first",
        model.traces().size(),
        L);
    Check.shape(h, model.traces().get(0).input().rows(), outputs, "the output of the forward pass");
    Check.that(t != null, "null as targets of %d datapoints", h.rows());
    Check.shape(t, h.rows(), loss.targets(outputs), "the targets of loss '" + loss.name() + "'");
  }

  static void check(Model model, List<Matrix> direction, float damping, List<Matrix> product) {
    List<Matrix> W = model.parameters();
    Check.that(Float.isFinite(damping), "damping %s is not a finite number", damping);
    Check.that(
        direction.size() == W.size() && product.size() == W.size(),
        "%d directions and %d products for %d layers",
        direction.size(),
        product.size(),
        W.size());
    for (int l = 0; l < W.size(); l++) {
      Matrix D = direction.get(l);
      Check.shape(D, W.get(l).rows(), W.get(l).columns(), "the direction of layer " + (l + 1));
      Check.shape(
          product.get(l), W.get(l).rows(), W.get(l).columns(), "the product of layer " + (l + 1));
      Check.that(
          product.get(l).pointer() != D.pointer(),
          "the product and the direction of layer %d are the same memory at 0x%x; the result needs a"
              + " matrix of its own",
          l + 1,
          D.pointer());
    }
  }

  static void ready(boolean ready) {
    if (!ready) {
      throw new IllegalStateException(
          "a product before at(h, t, stream), which says at which forward pass it is taken");
    }
  }
}
