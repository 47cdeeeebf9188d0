package dev.krongauss.kernel.operations;

import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Chain;
import dev.krongauss.kernel.Gram;
import dev.krongauss.kernel.cholesky.PlanSize;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/**
 * The memory that {@link Operations} take of an arena, counted without a device.
 *
 * @param arena that it is counted in
 * @param libraries whether cuBLAS and cuSOLVER compute, else this project's kernels. Of cuSOLVER
 *     the workspace that SoftCUDA's asks for is counted; what a GPU's asks for only that knows.
 */
public record OperationsSize(ArenaSize arena, boolean libraries) {
  /**
   * One for each of those who may compute, each with an arena of its own.
   *
   * @param mode of the operations; null for that of {@link Operations#of}
   * @throws IllegalArgumentException as there
   */
  public static List<OperationsSize> of(Operations.Mode mode) {
    OperationsSize libraries = new OperationsSize(new ArenaSize(), true);
    OperationsSize kernels = new OperationsSize(new ArenaSize(), false);
    return switch (mode == null ? ModeProperty.mode() : mode) {
      case AUTO -> List.of(libraries, kernels);
      case KERNELS -> List.of(kernels);
      case LIBRARIES -> List.of(libraries);
    };
  }

  /** Counts {@link Operations#passes}. */
  public void passes(int... widths) {
    if (!libraries) {
      Chain.count(arena, widths);
    }
  }

  /**
   * Counts what Gram matrices need that enter averages.
   *
   * @param orders n of the matrices that one launch may have
   */
  public void grams(int[] orders) {
    if (!libraries) {
      Gram.Workspace.count(arena, orders);
      return;
    }
    int most = 1;
    for (int n : orders) {
      most = Math.max(most, n);
    }
    arena.matrix(most, most);
  }

  /** Counts {@link Operations#ladder} of matrices of these shapes. */
  public void ladder(List<Matrix> S) {
    PlanSize.count(arena, orders(S), 1);
    if (libraries) {
      library();
    }
  }

  /** Counts {@link Operations#climbing} of matrices of these shapes. */
  public void climbing(List<Matrix> S) {
    PlanSize.count(arena, orders(S), 1);
  }

  /**
   * What {@link Passes#rowBlock} may give: 1 with this project's kernels, and with a library what a
   * trial on the device finds.
   */
  public int[] rowBlocks() {
    return libraries ? RowBlock.possible() : new int[] {1};
  }

  /** Counts {@link Operations#factorisation} of matrices of these shapes. */
  public void factorisation(List<Matrix> S, int candidates) {
    if (libraries) {
      library();
    } else {
      PlanSize.count(arena, orders(S), candidates);
    }
  }

  private void library() {
    arena.floats(1);
    arena.ints(1);
  }

  private static int[] orders(List<Matrix> S) {
    return S.stream().mapToInt(m -> Tiles.diagonal(m) ? 0 : m.rows()).toArray();
  }
}
