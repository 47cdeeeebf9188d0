package dev.krongauss.kernel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Why a case moves more than the least, or meets bank conflicts: the last column of the budget. */
final class BudgetReasons {
  private static final double MOST = 1.25;

  /** The beginning of cases' names, the more special ones first. */
  private static final Map<String, String> MOVED = new LinkedHashMap<>();

  static {
    MOVED.put("cholesky_columns/", "the second oracle, not tuned; small matrices");
    MOVED.put(
        "cholesky/ladder", "matrices of a few rows take a whole tile, read again by products");
    MOVED.put("cholesky/", "each product of two tiles reads both again, from L2 on a GPU");
    MOVED.put(
        "matmul/lowrank-3", "three rows a datapoint, counted as one; tiles read operands again");
    MOVED.put(
        "matmul_tensor/lowrank-3",
        "three rows a datapoint, counted as one; tiles read operands again");
    MOVED.put("matmul/tangent", "two products, counted as one; tiles read operands again");
    MOVED.put("matmul_tensor/tangent", "two products, counted as one; tiles read operands again");
    for (String tiled : List.of("matmul", "chain/", "tangents/", "gradient/", "solve/")) {
      MOVED.put(tiled, "every tile reads its operands again, from L2 on a GPU");
    }
    MOVED.put("gram/", "two launches; tiles read rows again, slices write and read partial sums");
    MOVED.put(
        "sample_gram/", "every tile reads its operands again, inputs once for each pair of roots");
    MOVED.put("row_kronecker/", "short rows at places of any alignment: parts of sectors");
    MOVED.put("stack/stopped", "leaves at once: a sector for a flag of 4 bytes");
    MOVED.put(
        "stack/",
        "each thread walks the rows of a datapoint: parts of sectors, the rest from the cache");
    MOVED.put(
        "root_space/",
        "residuals lie root by root: parts of sectors; split reads C again, from the cache");
    MOVED.put("linearised/stopped", "leaves at once, and counts as if it did not");
    MOVED.put(
        "linearised/",
        "every tile reads its operands again, from L2 on a GPU; residuals lie root by root");
    MOVED.put(
        "conjugate/times", "a block reads rows and columns at the diagonal: parts of sectors");
    MOVED.put("conjugate/", "vectors are read twice, from the cache of one block");
    MOVED.put("equilibrate/", "the diagonal: parts of sectors");
    MOVED.put("loss_root/square-root", "C row by row in pieces of 4 to 16 bytes: parts of sectors");
    MOVED.put(
        "loss_hessian/laplacian-diagonal", "the lower triangle twice, as rows and as columns");
    MOVED.put("loss_hessian/", "softmax reads h four times and v twice, from the cache");
    MOVED.put("loss/", "softmax reads h three times, from the cache");
    MOVED.put("mixture/", "three floats of each row: parts of sectors");
    MOVED.put("diagonal/gram", "32 columns a block: parts of sectors at the edge");
    MOVED.put("diagonal/", "g twice: first whether all of it is positive");
    MOVED.put("root/", "small matrices; the product of several columns is read and written again");
    MOVED.put("weights/", "one float of each row, and short rows: parts of sectors");
    MOVED.put("trace_damping/", "a diagonal: one float of each sector");
    MOVED.put("reduce/", "small matrices: partial sums of each block");
    MOVED.put("iterate_average/many", "small matrices: each warp reads the count, from the cache");
    MOVED.put("subsample/", "every copy reads its rows again, from the cache; short rows");
    MOVED.put("position_rows/", "short rows, masks and lengths, twice: parts of sectors");
    MOVED.put("embedding_counts/", "single integers at places of any order: parts of sectors");
    MOVED.put("arrange/", "small matrices: parts of sectors at the edge of a tile");
    MOVED.put("stacked_gram/", "every pair of chunks reads both again, from the cache");
    MOVED.put("layer_measures/", "small matrices: partial sums of each block");
    MOVED.put("gradient_average/along", "small matrices: partial sums of each block");
    MOVED.put("coefficients/", "the factorisation works in memory, from the cache of one block");
    MOVED.put("layer_update/many", "small matrices: each warp reads the count, from the cache");
    MOVED.put("select/", "single floats and small matrices: parts of sectors");
    MOVED.put("random/", "a few numbers: parts of sectors");
    MOVED.put("congruence/", "stacks of small matrices: rows that end in parts of sectors");
    MOVED.put(
        "kronecker/", "every tile reads the curvature of all datapoints again, from the cache");
    MOVED.put("epilogue/", "few rows: the factor is read again for each row of a datapoint");
  }

  private static final Map<String, String> CONFLICTS =
      Map.of(
          "solve/", "conflicts: single copies across the diagonal of the symmetric matrix",
          "chain/recursion", "conflicts: single copies across the diagonal of G, and the image",
          "matmul_tensor/recursion", "conflicts: the image reads columns of the staged tile",
          "gram/", "conflicts: the image reads columns of the staged tile",
          "coefficients/", "conflicts: columns of a small system of doubles",
          "linearised/", "conflicts: doubles take two banks, and tiles are stored along columns",
          "conjugate/", "conflicts: doubles take two banks",
          "position_rows/", "conflicts: each lane leaves 8 sums side by side, once a block");

  private BudgetReasons() {}

  /**
   * The reasons for a row of {@code moved / least, load, store, bank}; nothing where none is due.
   *
   * @throws IllegalArgumentException if one is due and the tables have none
   */
  static String of(String kernelCase, List<String> memory) {
    List<String> reasons = new ArrayList<>();
    if (Double.parseDouble(memory.get(0)) > MOST) {
      reasons.add(find(MOVED, kernelCase, "moves " + memory.get(0) + " times the least"));
    }
    String bank = memory.get(3);
    if (!bank.equals("-") && Double.parseDouble(bank) > 0) {
      reasons.add(find(CONFLICTS, kernelCase, "has bank conflicts, " + bank));
    }
    return String.join("; ", reasons);
  }

  private static String find(Map<String, String> reasons, String kernelCase, String what) {
    for (Map.Entry<String, String> reason : reasons.entrySet()) {
      if (kernelCase.startsWith(reason.getKey())) {
        return reason.getValue();
      }
    }
    throw new IllegalArgumentException(kernelCase + " " + what + ": say why in BudgetReasons");
  }
}
