package dev.krongauss.kernel.group;

import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/**
 * Layers as {@code kernels/linearised.cu} reads them.
 *
 * <p>Public for the launchers; no part of the API.
 */
public final class WideTables {
  private WideTables() {}

  /**
   * Gradients of the layers, in slices of the datapoints, by square tiles.
   *
   * @param W weights
   * @param a inputs
   * @param D addresses of the gradients at the pre-activations
   */
  public record Gradients(
      List<Matrix> W, List<Matrix> a, List<Long> D, int side, int slices, Others behind)
      implements Groups.Kernel {
    @Override
    public int bytes() {
      return 40;
    }

    @Override
    public long blocks(int g) {
      int rows = W.get(g).rows();
      return (long) Tiles.up(rows, side) * Tiles.up(W.get(g).columns(), side) * slices;
    }

    @Override
    public void members(Launch launch, int g) {
      launch.i32(W.get(g).rows()).i32(W.get(g).columns()).i32(a.get(g).stride());
      launch.pointer(D.get(g)).matrix(a.get(g)).i64(place(W, g));
    }

    @Override
    public void others(Launch launch, int first) {
      behind.write(launch, first);
    }
  }

  /** Elements of the matrices before one. */
  private static long place(List<Matrix> matrices, int g) {
    long place = 0;
    for (Matrix before : matrices.subList(0, g)) {
      place += (long) before.rows() * before.columns();
    }
    return place;
  }

  /** Arguments behind the table. */
  public interface Others {
    /** Writes them, for a launch whose first group is {@code first}. */
    void write(Launch launch, int first);
  }

  /**
   * Matrices that lie one behind the other in a vector.
   *
   * @param flat whether a warp takes elements side by side, else those of a row
   */
  public record Matrices(List<Matrix> matrices, boolean flat, Others others)
      implements Groups.Kernel {
    @Override
    public int bytes() {
      return 32;
    }

    @Override
    public long blocks(int g) {
      Matrix m = matrices.get(g);
      return flat ? Elements.flatBlocks(m) : Elements.blocks(m);
    }

    @Override
    public void members(Launch launch, int g) {
      Matrix m = matrices.get(g);
      launch.i32(m.rows()).i32(m.columns()).i32(m.stride()).matrix(m).i64(place(matrices, g));
    }

    @Override
    public void others(Launch launch, int first) {
      others.write(launch, first);
    }
  }
}
