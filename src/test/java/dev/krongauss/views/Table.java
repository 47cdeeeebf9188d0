package dev.krongauss.views;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Host;
import dev.krongauss.kernel.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The entries, by {@code package.Class.method/parameters}. */
final class Table {
  /** Sums in another order, of a few hundred terms of size 1. */
  static final double SUMS = 1e-5;

  private final Map<String, Proof> proofs = new TreeMap<>();

  /** All entries. */
  static Map<String, Proof> all() {
    Table table = new Table();
    KernelViews.add(table);
    DeviceViews.add(table);
    OperationsViews.add(table);
    PassesViews.add(table);
    LossViews.add(table);
    CurvatureViews.add(table);
    ChunkedViews.add(table);
    ExactViews.add(table);
    PreconditionerViews.add(table);
    PositionViews.add(table);
    LayerStepsViews.add(table);
    TrainerViews.add(table);
    return table.proofs;
  }

  void kernel(String operation, String prefix) {
    put(operation, new Proof.Kernel(prefix));
  }

  void run(String operation, Proof.Body body) {
    put(operation, new Proof.Run(body, SUMS));
  }

  /** The same for what amplifies the rounding of sums: inverses, several updates. */
  void run(String operation, double tolerance, Proof.Body body) {
    put(operation, new Proof.Run(body, tolerance));
  }

  void writesNothing(String operation, String because) {
    put(operation, new Proof.WritesNothing(because));
  }

  /** Inputs of these shapes: rows and columns in turn. */
  static List<Matrix> inputs(Trial t, int... shapes) {
    List<Matrix> matrices = new ArrayList<>();
    for (int k = 0; k < shapes.length; k += 2) {
      matrices.add(t.input(t.random(shapes[k], shapes[k + 1])));
    }
    return matrices;
  }

  /** Outputs of these shapes. */
  static List<Matrix> outputs(Trial t, int... shapes) {
    List<Matrix> matrices = new ArrayList<>();
    for (int k = 0; k < shapes.length; k += 2) {
      matrices.add(t.output(shapes[k], shapes[k + 1]));
    }
    return matrices;
  }

  /** Symmetric and positive definite, far from singular. */
  static Host definite(Trial t, int n) {
    Host X = t.random(n, n);
    return Host.of(
        n, n, (i, j) -> (i == j ? 2.0 : 0) + (X.at(i, j) + X.at(j, i)) / (4.0 * Math.sqrt(n)));
  }

  /** Activations: the last column is 1. */
  static Host homogeneous(Trial t, int rows, int columns) {
    Host X = t.random(rows, columns);
    return Host.of(rows, columns, (i, j) -> j == columns - 1 ? 1 : X.at(i, j));
  }

  private void put(String operation, Proof proof) {
    if (proofs.put(operation, proof) != null) {
      throw new IllegalStateException("two entries for " + operation);
    }
  }
}
