package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.TreeSum;
import java.util.ArrayList;
import java.util.List;

/**
 * What each rank tells the others of its layers in an update: their directions, and the numbers
 * that step lengths are chosen by. A broadcast a rank.
 */
final class SharedDirections {
  private static final float[] ONE = {1};

  private final LayerOwners owners;
  private final TreeSum pack;
  private final long[] begins; // floats, of each rank
  private final Buffer packed;

  /**
   * @param D shaped like the directions
   * @param numbers rows of them, each with one of each layer
   */
  SharedDirections(Device device, Arena arena, LayerOwners owners, List<Matrix> D, int numbers) {
    this.owners = owners;
    pack = new TreeSum(device);
    begins = new long[owners.ranks().size() + 1];
    for (int r = 0; r + 1 < begins.length; r++) {
      begins[r + 1] = begins[r] + floats(numbers, owners.count(r));
      for (int l = owners.first(r); l < owners.first(r) + owners.count(r); l++) {
        begins[r + 1] += floats(D.get(l).rows(), D.get(l).columns());
      }
    }
    packed = arena.floats(begins[begins.length - 1], "directions and numbers, packed");
  }

  /**
   * Gives all ranks everything; waits for them.
   *
   * @param D of all layers, of which this rank has written its own
   * @param own numbers of its layers
   * @param numbers those of all layers
   */
  void run(List<Matrix> D, Matrix own, Matrix numbers, Stream s) {
    List<TreeSum.Item> up = new ArrayList<>();
    List<TreeSum.Item> down = new ArrayList<>();
    for (int r = 0; r + 1 < begins.length; r++) {
      boolean mine = r == owners.ranks().rank();
      int first = owners.first(r);
      long at = address(r);
      Matrix place = part(numbers, first, owners.count(r));
      down.add(TreeSum.Item.unpack(at, place, false));
      if (mine) {
        up.add(TreeSum.Item.pack(own, at, false));
      }
      at += Float.BYTES * floats(place.rows(), place.columns());
      for (Matrix direction : D.subList(first, first + owners.count(r))) {
        if (mine) {
          up.add(TreeSum.Item.pack(direction, at, false));
        } else {
          down.add(TreeSum.Item.unpack(at, direction, false));
        }
        at += Float.BYTES * floats(direction.rows(), direction.columns());
      }
    }
    pack.sum(s, up, 0, ONE);
    for (int r = 0; r + 1 < begins.length; r++) {
      owners.ranks().broadcast(s, address(r), address(r + 1) - address(r), r);
    }
    pack.sum(s, down, 0, ONE);
  }

  private static Matrix part(Matrix numbers, int first, int count) {
    return Matrix.wrap(
        numbers.pointer() + Float.BYTES * (long) first, numbers.rows(), count, numbers.stride());
  }

  private long address(int rank) {
    return packed.pointer() + Float.BYTES * begins[rank];
  }

  private static long floats(int rows, int columns) {
    return TreeSum.packedFloats(rows, columns, false);
  }
}
