package dev.krongauss.kernel.group;

import dev.krongauss.device.Check;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/**
 * The table of an element-wise kernel: a group is one matrix of each operand, all of one shape, as
 * rows, columns, leading columns that go by fours, then the addresses, then the strides.
 *
 * <p>Public for the launchers; no part of the API.
 *
 * @param operands lists of matrices, all equally long
 * @param rest the arguments behind the table
 */
public record ElementGroups(List<List<Matrix>> operands, Rest rest) implements Groups.Kernel {
  /** Writes the arguments behind the table, for a launch whose first group is {@code first}. */
  public interface Rest {
    void write(Launch launch, int first);
  }

  /** Blocks for all {@code matrices}. */
  public static int blocks(List<Matrix> matrices) {
    long blocks = 0;
    for (Matrix matrix : matrices) {
      blocks += Elements.blocks(matrix);
    }
    return Check.count(blocks, "blocks for the matrices of a launch");
  }

  /** Fails unless the lists are equally long, of the same shapes, and no matrix is its partner. */
  public static void check(List<Matrix> X, String xName, List<Matrix> Y, String yName) {
    Check.that(X.size() == Y.size(), "%d of %s but %d of %s", X.size(), xName, Y.size(), yName);
    for (int g = 0; g < X.size(); g++) {
      String name = yName + "[" + g + "]";
      Check.shape(Y.get(g), X.get(g).rows(), X.get(g).columns(), name);
      Tiles.distinct(X.get(g), Y.get(g), xName + "[" + g + "]", name);
    }
  }

  @Override
  public int bytes() {
    return Tiles.up(16 + 12 * operands.size(), 8) * 8;
  }

  @Override
  public long blocks(int g) {
    return Elements.blocks(operands.get(0).get(g));
  }

  @Override
  public void members(Launch launch, int g) {
    List<Matrix> group = operands.stream().map(operand -> operand.get(g)).toList();
    Matrix first = group.get(0);
    Matrix[] others = group.subList(1, group.size()).toArray(new Matrix[0]);
    launch.i32(first.rows()).i32(first.columns()).i32(Elements.whole(first, others));
    group.forEach(launch::matrix);
    group.forEach(matrix -> launch.i32(matrix.stride()));
  }

  @Override
  public void others(Launch launch, int first) {
    rest.write(launch, first);
  }
}
