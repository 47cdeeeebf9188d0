package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.ElementGroups;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.group.Groups;
import java.util.List;

/** The weight update with the momentum of the update before ({@code kernels/momentum.cu}). */
public final class Momentum {
  private final Function momentum;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Momentum(Device device) {
    momentum = device.function("momentum", "momentum_f32");
  }

  /**
   * V = alpha D + mu V and W += V for every layer, if the step was accepted; one launch for up to
   * 32 layers.
   *
   * @param W weights of the layers
   * @param D directions, shaped like W
   * @param V updates before, shaped like W; this update afterwards
   * @param alphaPointer device address of one float
   * @param muPointer device address of one float
   * @param acceptedPointer device address of one int; W and V are left bit for bit as they were
   *     unless it is 1
   * @throws IllegalArgumentException if the shapes differ or an address is missing
   */
  public void apply(
      Stream s,
      List<Matrix> W,
      List<Matrix> D,
      List<Matrix> V,
      long alphaPointer,
      long muPointer,
      long acceptedPointer) {
    Check.that(!W.isEmpty(), "an update of no layer at all");
    ElementGroups.check(W, "W", D, "D");
    ElementGroups.check(W, "W", V, "V");
    ElementGroups.check(D, "D", V, "V");
    Elements.address(alphaPointer, "alpha");
    Elements.address(muPointer, "mu");
    Elements.address(acceptedPointer, "the accepted flag");
    Groups.launch(
        momentum,
        s,
        W.size(),
        new ElementGroups(
            List.of(W, D, V),
            (launch, first) ->
                launch.pointer(alphaPointer).pointer(muPointer).pointer(acceptedPointer)));
  }
}
