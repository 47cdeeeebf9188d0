package dev.krongauss.precondition;

import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.diagnose.Diagnosis;
import dev.krongauss.diagnose.LayerArrays;
import dev.krongauss.diagnose.Values;
import java.util.List;

/** A batch's matrices on the host, to be diagnosed. */
final class Exported {
  private Exported() {}

  /** What {@link Preconditioner#diagnose} gives. */
  static Diagnosis diagnose(
      List<LayerSpec> specs,
      List<Matrix> activations,
      List<Matrix> deltas,
      List<Matrix> gradients,
      Stream s) {
    int layers = specs.size();
    Check.that(
        activations.size() == layers && deltas.size() == layers && gradients.size() == layers,
        "%d activations, %d pre-activation gradients and %d gradients for %d layers",
        activations.size(),
        deltas.size(),
        gradients.size(),
        layers);
    for (int l = 0; l < layers; l++) {
      LayerSpec.Kind kind = specs.get(l).kind();
      Check.that(
          kind == LayerSpec.Kind.DENSE,
          "layer %d is %s, and what is diagnosed is dense; hand the others to Diagnosis.of(N)",
          l,
          kind.words());
    }
    Diagnosis.Builder diagnosis = Diagnosis.of(activations.get(0).rows());
    for (int l = 0; l < layers; l++) {
      diagnosis.layer(
          new LayerArrays(
              Values.of(activations.get(l), s),
              Values.of(deltas.get(l), s),
              Values.of(gradients.get(l), s)));
    }
    return diagnosis.run();
  }
}
