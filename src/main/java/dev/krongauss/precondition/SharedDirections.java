package dev.krongauss.precondition;

import dev.krongauss.device.Arena;
import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.TreeSum;
import java.util.ArrayList;
import java.util.List;

/**
 * What each rank tells the others of its layers in an update: their directions, and the numbers
 * that step lengths are chosen by. A broadcast a rank, of the memory that the directions stand in.
 */
public final class SharedDirections {
  private static final float[] ONE = {1};
  private static final int NUMBERS = LayerRule.NUMBERS;

  private final LayerOwners owners;
  private final TreeSum pack;
  private final long[] begins; // floats, of each rank: its numbers, then its directions
  private final Buffer memory;
  private final List<Matrix> directions = new ArrayList<>();

  /**
   * Takes memory for the directions of all layers.
   *
   * @param shapes W_1 … W_L, of which only the shapes are looked at
   * @param owners of the layers, several
   */
  public SharedDirections(Device device, Arena arena, LayerOwners owners, List<Matrix> shapes) {
    this.owners = owners;
    pack = new TreeSum(device);
    begins = begins(owners, shapes);
    memory = arena.floats(begins[begins.length - 1], "directions and numbers of all ranks");
    for (int r = 0; r + 1 < begins.length; r++) {
      long at = address(r) + Float.BYTES * floats(NUMBERS, owners.count(r));
      for (Matrix W : of(owners, r, shapes)) {
        int stride = (int) floats(1, W.columns());
        directions.add(Matrix.wrap(at, W.rows(), W.columns(), stride));
        at += Float.BYTES * floats(W.rows(), W.columns());
      }
    }
  }

  /** Counts the memory of one. */
  public static void count(ArenaSize arena, LayerOwners owners, List<Matrix> shapes) {
    long[] begins = begins(owners, shapes);
    arena.floats(begins[begins.length - 1]);
  }

  private static long[] begins(LayerOwners owners, List<Matrix> shapes) {
    long[] begins = new long[owners.ranks().size() + 1];
    for (int r = 0; r + 1 < begins.length; r++) {
      begins[r + 1] = begins[r] + floats(NUMBERS, owners.count(r));
      for (Matrix W : of(owners, r, shapes)) {
        begins[r + 1] += floats(W.rows(), W.columns());
      }
    }
    return begins;
  }

  private static List<Matrix> of(LayerOwners owners, int rank, List<Matrix> shapes) {
    return shapes.subList(owners.first(rank), owners.first(rank) + owners.count(rank));
  }

  /** Shaped like the weights: each rank writes those of its own layers. */
  public List<Matrix> directions() {
    return directions;
  }

  /**
   * Gives all ranks everything; waits for them.
   *
   * @param own numbers of this rank's layers
   * @param numbers those of all layers
   */
  void run(Matrix own, Matrix numbers, Stream s) {
    pack.sum(s, List.of(TreeSum.Item.pack(own, address(owners.ranks().rank()), false)), 0, ONE);
    List<TreeSum.Item> down = new ArrayList<>();
    for (int r = 0; r + 1 < begins.length; r++) {
      owners.ranks().broadcast(s, address(r), address(r + 1) - address(r), r);
      Matrix place = part(numbers, owners.first(r), owners.count(r));
      down.add(TreeSum.Item.unpack(address(r), place, false));
    }
    pack.sum(s, down, 0, ONE);
  }

  private static Matrix part(Matrix numbers, int first, int count) {
    return Matrix.wrap(
        numbers.pointer() + Float.BYTES * (long) first, numbers.rows(), count, numbers.stride());
  }

  private long address(int rank) {
    return memory.pointer() + Float.BYTES * begins[rank];
  }

  private static long floats(int rows, int columns) {
    return TreeSum.packedFloats(rows, columns, false);
  }
}
