package dev.krongauss.kernel;

import static dev.krongauss.kernel.Tiles.distinct;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
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
    Check.that(X.size() == Y.size(), "%d matrices to copy into %d", X.size(), Y.size());
    for (int l = 0; l < X.size(); l++) {
      Check.shape(Y.get(l), X.get(l).rows(), X.get(l).columns(), "Y[" + l + "]");
      distinct(Y.get(l), X.get(l), "Y[" + l + "]", "X[" + l + "]");
    }
    Elements.address(choice, "the choice");
    Groups.launch(select, s, X.size(), new Pairs(X, Y, choice, which));
  }

  private record Pairs(List<Matrix> X, List<Matrix> Y, long choice, int which)
      implements Groups.Kernel {
    @Override
    public int bytes() {
      return 40;
    }

    @Override
    public long blocks(int l) {
      return Elements.blocks(X.get(l));
    }

    @Override
    public void members(Launch launch, int l) {
      Matrix x = X.get(l);
      Matrix y = Y.get(l);
      launch.i32(x.rows()).i32(x.columns()).i32(Elements.whole(x, y));
      launch.matrix(x).matrix(y).i32(x.stride()).i32(y.stride());
    }

    @Override
    public void others(Launch launch, int first) {
      launch.pointer(choice).i32(which);
    }
  }
}
