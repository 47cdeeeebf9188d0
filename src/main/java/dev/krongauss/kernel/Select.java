package dev.krongauss.kernel;

import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.ElementGroups;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.group.Groups;
import java.util.List;

/** Copies that happen only if the device says so ({@code kernels/select.cu}). */
public final class Select {
  private final Function select;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public Select(Device device) {
    select = device.function("select", "select_f32");
  }

  /**
   * Y = X for every pair if the int at {@code choice} is {@code which}; one launch for up to 32
   * pairs.
   *
   * @param X matrices, at least one
   * @param Y as many, of the same shapes, none of them one of its X
   * @param choice device address of one int
   * @throws IllegalArgumentException if the lists do not fit or the choice has no address
   */
  public void where(Stream s, long choice, int which, List<Matrix> X, List<Matrix> Y) {
    ElementGroups.check(X, "X", Y, "Y");
    Elements.address(choice, "the choice");
    Groups.launch(
        select,
        s,
        X.size(),
        new ElementGroups(List.of(X, Y), (launch, first) -> launch.pointer(choice).i32(which)));
  }
}
