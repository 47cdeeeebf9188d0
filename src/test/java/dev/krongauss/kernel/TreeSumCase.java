package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * {@code tree_sum.cu}: Y = Σ_k scale_k X_k of several statistics in one launch. An element is
 * rounded once by its scale and once at each level of the tree.
 */
final class TreeSumCase extends KernelCase {
  private final Kind kind;

  private enum Kind {
    /** Matrices into matrices. */
    WHOLE,
    /** Lower triangles into lower triangles; what is above them stays. */
    LOWER,
    /** Lower triangles and matrices into packed memory and back, which is exact. */
    PACKED
  }

  private TreeSumCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(Kind.values()).stream().<KernelCase>map(TreeSumCase::new).toList();
  }

  @Override
  public String name() {
    return "tree_sum/" + kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("leaves", 1, "d", 1, "items", 1),
        Size.of("leaves", 2, "d", 7, "items", 2),
        Size.of("leaves", 4, "d", 8, "items", 32),
        Size.of("leaves", 8, "d", 9, "items", 33),
        Size.of("leaves", 16, "d", 31, "items", 3),
        Size.of("leaves", 8, "d", 1027, "items", 1));
  }

  @Override
  public Work work(Size size) {
    double elements = 0;
    for (int i = 0; i < size.get("items"); i++) {
      double d = width(size, i);
      boolean lower = kind == Kind.LOWER || kind == Kind.PACKED && i % 2 == 0;
      elements += lower ? 0.5 * d * (d + 1) : rows(size, i) * d;
    }
    if (kind == Kind.PACKED) {
      return new Work(2 * elements, 2 * 8 * elements); // to and fro
    }
    double K = size.get("leaves");
    return new Work((2 * K - 1) * elements, 4 * (K + 1) * elements);
  }

  private static int width(Size size, int item) {
    return size.get("d") + item % 5;
  }

  private int rows(Size size, int item) {
    return kind == Kind.WHOLE ? 1 + (size.get("d") + 3 * item) % 11 : width(size, item);
  }

  @Override
  public void run(Trial trial) {
    if (kind == Kind.PACKED) {
      packed(trial);
    } else {
      sums(trial);
    }
  }

  private void sums(Trial trial) {
    int K = trial.size("leaves");
    int n = trial.size("items");
    float[] scales = new float[K];
    for (int k = 0; k < K; k++) {
      scales[k] = (k % 3 - 1) * 0.3f + 1f / (k + 2);
    }
    // The leaves of all items lie behind one another, as often as there are leaves.
    List<Host> x = new ArrayList<>();
    List<Host> old = new ArrayList<>();
    List<Matrix> Y = new ArrayList<>();
    List<TreeSum.Item> items = new ArrayList<>();
    int step = 0;
    List<Integer> begins = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      begins.add(step);
      step += rows(trial.size(), i) * Matrix.paddedStride(width(trial.size(), i));
    }
    Host all = Host.filled(K, step, Float.NaN);
    for (int i = 0; i < n; i++) {
      int rows = rows(trial.size(), i);
      int d = width(trial.size(), i);
      x.add(trial.random(K * rows, d));
      for (int j = 0; j < K * rows * d; j++) {
        int row = j / d % rows;
        int at = begins.get(i) + row * Matrix.paddedStride(d) + j % d;
        all.set(j / d / rows, at, x.get(i).get(j / d, j % d));
      }
      if (kind == Kind.WHOLE) {
        x.get(i).set(0, d - 1, Float.NEGATIVE_INFINITY);
        all.set(0, begins.get(i) + d - 1, Float.NEGATIVE_INFINITY);
      }
      old.add(trial.random(rows, d));
      Y.add(trial.inOut(old.get(i)));
    }
    Matrix leaves = trial.input(all);
    for (int i = 0; i < n; i++) {
      int d = width(trial.size(), i);
      int rows = rows(trial.size(), i);
      long first = leaves.pointer() + 4L * begins.get(i);
      Matrix X = Matrix.wrap(first, rows, d, Matrix.paddedStride(d));
      items.add(TreeSum.Item.of(X, Y.get(i), kind == Kind.LOWER));
    }
    TreeSum tree = new TreeSum(trial.device());
    trial.launch(s -> tree.sum(s, items, leaves.stride(), scales));
    for (int i = 0; i < n; i++) {
      trial.check("Y of item " + i, Y.get(i), wanted(x.get(i), old.get(i), scales));
    }
  }

  private Wanted.Reference wanted(Host x, Host old, float[] scales) {
    int levels = Integer.numberOfTrailingZeros(scales.length);
    return (i, j) -> {
      if (kind == Kind.LOWER && j > i) {
        return Wanted.exactly(old.get(i, j));
      }
      double sum = 0;
      double size = 0;
      for (int k = 0; k < scales.length; k++) {
        double term = scales[k] * x.at(k * old.rows() + i, j);
        sum += term;
        size += Math.abs(term);
      }
      return Wanted.within(sum, 1 + levels, size);
    };
  }

  private void packed(Trial trial) {
    int n = trial.size("items");
    List<Host> x = new ArrayList<>();
    List<Host> old = new ArrayList<>();
    List<Matrix> Y = new ArrayList<>();
    List<TreeSum.Item> pack = new ArrayList<>();
    List<TreeSum.Item> unpack = new ArrayList<>();
    long floats = 0;
    for (int i = 0; i < n; i++) {
      int d = width(trial.size(), i);
      floats += TreeSum.packedFloats(d, d, i % 2 == 0);
    }
    Buffer memory = trial.ints(new int[Math.toIntExact(floats)]);
    long at = memory.pointer();
    for (int i = 0; i < n; i++) {
      int d = width(trial.size(), i);
      boolean lower = i % 2 == 0;
      x.add(trial.random(d, d));
      old.add(trial.random(d, d));
      Matrix X = trial.input(x.get(i));
      Y.add(trial.inOut(old.get(i)));
      pack.add(TreeSum.Item.pack(X, at, lower));
      unpack.add(TreeSum.Item.unpack(at, Y.get(i), lower));
      at += 4 * TreeSum.packedFloats(d, d, lower);
    }
    TreeSum tree = new TreeSum(trial.device());
    trial.launch(
        s -> {
          tree.sum(s, pack, 0, new float[] {1});
          tree.sum(s, unpack, 0, new float[] {1});
        });
    for (int i = 0; i < n; i++) {
      Host from = x.get(i);
      Host before = old.get(i);
      boolean lower = i % 2 == 0;
      trial.check(
          "Y of item " + i,
          Y.get(i),
          (r, c) -> Wanted.exactly(lower && c > r ? before.get(r, c) : from.get(r, c)));
    }
  }
}
