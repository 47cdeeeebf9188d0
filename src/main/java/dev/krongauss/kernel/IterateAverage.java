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

/** The average of the weights over the updates ({@code kernels/iterate_average.cu}). */
public final class IterateAverage {
  private final Function average;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public IterateAverage(Device device) {
    average = device.function("iterate_average", "iterate_average_f32");
  }

  /**
   * A = ξ A + (1 − ξ) W with ξ = min(1 − 1/k, decay) for every layer, if the step was accepted; one
   * launch for up to 32 layers.
   *
   * @param A averages, 0 before the first update
   * @param W weights after the update, shaped like A
   * @param decay greatest weight of the past, in [0, 1)
   * @param applied k, accepted updates counted including this one
   * @param acceptedPointer device address of one int; A is left as it is unless it is 1
   * @throws IllegalArgumentException if the shapes differ, the decay is outside of [0, 1), or an
   *     address is missing
   */
  public void enter(
      Stream s, List<Matrix> A, List<Matrix> W, float decay, Count applied, long acceptedPointer) {
    ElementGroups.check(A, "A", W, "W");
    Check.that(decay >= 0 && decay < 1, "decay %s of the average is outside of [0, 1)", decay);
    Elements.address(applied.low(), "the number of updates");
    Elements.address(acceptedPointer, "the accepted flag");
    Groups.launch(
        average,
        s,
        A.size(),
        new ElementGroups(
            List.of(A, W),
            (launch, first) -> applied.write(launch.f32(decay)).pointer(acceptedPointer)));
  }
}
