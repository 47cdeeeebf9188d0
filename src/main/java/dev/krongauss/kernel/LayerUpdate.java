package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Count;
import dev.krongauss.kernel.group.ElementGroups;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.group.Groups;
import java.util.List;

/** The weight update with a step size a layer ({@code kernels/layer_update.cu}). */
public final class LayerUpdate {
  private final Function update;

  /**
   * The gradients' average m = μ m + (1 − μ) g, to the bits of {@link GradientAverage}.
   *
   * @param m averages, shaped like the weights; where μ is 0 their old values are not read
   * @param g gradients, shaped like the weights
   * @param mu device address of one float
   */
  public record Gradients(List<Matrix> m, List<Matrix> g, long mu) {}

  /**
   * The weights' average A += max(1/k, 1 − decay) (W − A) with the new weights, to the bits of
   * {@link IterateAverage}.
   *
   * @param A averages, shaped like the weights, 0 before the first update
   * @param decay greatest weight of the past, in [0, 1)
   * @param applied k, accepted updates counted including this one
   */
  public record Iterates(List<Matrix> A, float decay, Count applied) {}

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public LayerUpdate(Device device) {
    update = device.function("layer_update", "layer_update_f32");
  }

  /**
   * W_l += x_l D_l for every layer and, where they are given, both averages, if the step was
   * accepted; one launch for up to 32 layers.
   *
   * @param W weights of the layers
   * @param D directions, shaped like W
   * @param coefficients device address of x, one float a layer
   * @param gradients their average; null for none
   * @param iterates the weights' average; null for none
   * @param acceptedPointer device address of one int; nothing is written unless it is 1
   * @throws IllegalArgumentException if the shapes differ, matrices coincide, the decay is outside
   *     of [0, 1), or an address is missing
   */
  public void apply(
      Stream s,
      List<Matrix> W,
      List<Matrix> D,
      long coefficients,
      Gradients gradients,
      Iterates iterates,
      long acceptedPointer) {
    Check.that(!W.isEmpty(), "an update of no layer at all");
    ElementGroups.check(W, "W", D, "D");
    Elements.address(coefficients, "the coefficients");
    Elements.address(acceptedPointer, "the accepted flag");
    if (gradients != null) {
      check(W, D, gradients);
    }
    if (iterates != null) {
      check(W, D, gradients, iterates);
    }
    // The kernel does not look at what stands in for a list that is not there.
    List<Matrix> m = gradients == null ? W : gradients.m();
    List<Matrix> g = gradients == null ? D : gradients.g();
    List<Matrix> A = iterates == null ? W : iterates.A();
    Count applied = iterates == null ? Count.of(0) : iterates.applied();
    Groups.launch(
        update,
        s,
        W.size(),
        new ElementGroups(
            List.of(W, D, m, g, A),
            (launch, first) ->
                applied
                    .write(
                        launch
                            .pointer(coefficients + 4L * first)
                            .pointer(gradients == null ? 0 : gradients.mu())
                            .f32(iterates == null ? 0 : iterates.decay()))
                    .pointer(acceptedPointer)));
  }

  private static void check(List<Matrix> W, List<Matrix> D, Gradients gradients) {
    ElementGroups.check(W, "W", gradients.m(), "m");
    ElementGroups.check(W, "W", gradients.g(), "g");
    ElementGroups.check(gradients.m(), "m", D, "D");
    ElementGroups.check(gradients.m(), "m", gradients.g(), "g");
    Elements.address(gradients.mu(), "mu");
  }

  private static void check(
      List<Matrix> W, List<Matrix> D, Gradients gradients, Iterates iterates) {
    ElementGroups.check(W, "W", iterates.A(), "A");
    ElementGroups.check(iterates.A(), "A", D, "D");
    if (gradients != null) {
      ElementGroups.check(iterates.A(), "A", gradients.m(), "m");
      ElementGroups.check(iterates.A(), "A", gradients.g(), "g");
    }
    float decay = iterates.decay();
    Check.that(decay >= 0 && decay < 1, "decay %s of the average is outside of [0, 1)", decay);
    Elements.address(iterates.applied().low(), "the number of updates");
  }
}
