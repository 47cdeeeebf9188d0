package dev.krongauss.precondition;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Who does which piece of work: the largest first, each to the rank that has the least so far. */
final class WorkShares {
  private WorkShares() {}

  /** The rank of each piece, by what the pieces cost: the same on every rank. */
  static int[] owners(double[] cost, int ranks) {
    int[] owner = new int[cost.length];
    double[] load = new double[ranks];
    IntStream.range(0, cost.length)
        .boxed()
        .sorted(
            Comparator.comparingDouble(k -> -cost[k])) // a stable sort: of equals the lower first
        .forEach(
            k -> {
              int least = 0;
              for (int r = 1; r < ranks; r++) {
                least = load[r] < load[least] ? r : least;
              }
              owner[k] = least;
              load[least] += cost[k];
            });
    return owner;
  }

  /** The pieces of a rank, in their order. */
  static List<Integer> of(int[] owner, int rank) {
    return IntStream.range(0, owner.length).filter(k -> owner[k] == rank).boxed().toList();
  }
}
