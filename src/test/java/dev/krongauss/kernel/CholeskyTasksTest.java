package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.kernel.cholesky.CholeskyTasks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The order in which {@link Cholesky} takes its tasks. */
final class CholeskyTasksTest {
  @Test
  void everyTaskComesAfterThoseItReads() {
    int[] tiles = {4, 1, 16, 2, 7, 7, 0};
    int[] order = CholeskyTasks.order(tiles);
    Map<List<Integer>, Integer> place = new HashMap<>();
    for (int k = 0; k < order.length; k += CholeskyTasks.INTS) {
      place.put(List.of(order[k], order[k + 1], order[k + 2], order[k + 3]), k);
    }
    int count = 3 * Arrays.stream(tiles).map(CholeskyTasks::triangle).sum() + 1;
    assertThat(place).hasSize(count);
    assertThat(order).hasSize(CholeskyTasks.INTS * count);
    place.forEach(
        (task, k) ->
            reads(task, tiles[task.get(0)])
                .forEach(r -> assertThat(place.get(r)).as("%s of %s", r, task).isLessThan(k)));
  }

  /** The tasks whose tiles a task reads. */
  private static List<List<Integer>> reads(List<Integer> task, int tiles) {
    int item = task.get(0);
    int i = task.get(2);
    int j = task.get(3);
    List<List<Integer>> reads = new ArrayList<>();
    switch (task.get(1)) {
      case CholeskyTasks.FACTOR -> {
        for (int k = 0; k < j; k++) {
          reads.add(List.of(item, CholeskyTasks.FACTOR, i, k));
          reads.add(List.of(item, CholeskyTasks.FACTOR, j, k));
        }
        if (i > j) {
          reads.add(List.of(item, CholeskyTasks.FACTOR, j, j));
        }
      }
      case CholeskyTasks.INVERSE -> {
        reads.add(List.of(item, CholeskyTasks.FACTOR, j, j));
        for (int k = j + 1; k <= i; k++) {
          reads.add(List.of(item, CholeskyTasks.INVERSE, i, k));
          reads.add(List.of(item, CholeskyTasks.FACTOR, k, j));
        }
      }
      case CholeskyTasks.DIAGONAL -> assertThat(tiles).isZero();
      default -> {
        for (int k = i; k < tiles; k++) {
          reads.add(List.of(item, CholeskyTasks.INVERSE, k, i));
          reads.add(List.of(item, CholeskyTasks.INVERSE, k, j));
        }
      }
    }
    return reads;
  }
}
