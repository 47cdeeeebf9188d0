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

/** The weight update of all layers ({@code kernels/update.cu}). */
public final class Update {
  private final Function update;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Update(Device device) {
    update = device.function("update", "update_f32");
  }

  /**
   * W += alpha D for every layer, if the step was accepted; one launch for up to 32 layers.
   *
   * @param W weights of the layers
   * @param D directions, shaped like W
   * @param alphaPointer device address of one float
   * @param acceptedPointer device address of one int; W is left bit for bit as it was unless it is
   *     1. 0 (no address): always
   * @throws IllegalArgumentException if the shapes differ or alpha has no address
   */
  public void apply(
      Stream s, List<Matrix> W, List<Matrix> D, long alphaPointer, long acceptedPointer) {
    Check.that(W.size() == D.size(), "%d weights but %d directions", W.size(), D.size());
    for (int l = 0; l < W.size(); l++) {
      Check.shape(D.get(l), W.get(l).rows(), W.get(l).columns(), "D of layer " + l);
    }
    Elements.address(alphaPointer, "alpha");
    Groups.launch(
        update,
        s,
        W.size(),
        new ElementGroups(
            List.of(W, D),
            (launch, first) -> launch.pointer(alphaPointer).pointer(acceptedPointer)));
  }
}
