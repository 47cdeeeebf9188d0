package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.List;

/** Products with matrices given by square roots. */
final class RootCase extends KernelCase {
  static List<KernelCase> all() {
    return List.of(new RootCase());
  }

  @Override
  public String name() {
    return "root/product";
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("N", 1, "K", 1, "d", 1),
        Size.of("N", 7, "K", 1, "d", 3),
        Size.of("N", 9, "K", 2, "d", 31),
        Size.of("N", 17, "K", 3, "d", 32),
        Size.of("N", 16, "K", 5, "d", 33),
        Size.of("N", 3, "K", 7, "d", 128),
        Size.of("N", 3, "K", 4, "d", 131));
  }

  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  @Override
  public Work work(Size size) {
    int N = size.get("N");
    int K = size.get("K");
    double elements = (double) N * size.get("d");
    // three launches: C and v each time, the product twice, the quadratic twice
    return new Work(10 * elements * K, 4 * elements * (3 * K + 3 + 2) + 8 * N);
  }

  @Override
  public void run(Trial trial) {
    int N = trial.size("N");
    int K = trial.size("K");
    int d = trial.size("d");
    Host c = trial.random(N * K, d);
    Host along = trial.random(N, d);
    Matrix C = trial.input(c);
    Matrix v = trial.input(along);
    Matrix product = trial.output(N, d);
    Matrix productAlone = trial.output(N, d);
    Matrix quadratic = trial.output(1, N);
    Matrix quadraticAlone = trial.output(1, N);
    Root root = new Root(trial.device());
    trial.launch(
        s -> {
          root.product(s, C, v, product, quadratic.pointer());
          root.product(s, C, v, productAlone, 0);
          root.product(s, C, v, null, quadraticAlone.pointer());
        });
    trial.check("A v", product, (n, j) -> product(c, along, K, n, j));
    trial.check("vAv", quadratic, (i, n) -> quadratic(c, along, K, n));
    Host together = trial.download(product);
    trial.check("A v alone", productAlone, (n, j) -> Wanted.exactly(together.at(n, j)));
    Host values = trial.download(quadratic);
    trial.check("vAv alone", quadraticAlone, (i, n) -> Wanted.exactly(values.at(0, n)));
  }

  /** c·v and Σ |c v|: a chain of fused operations in a lane, then a tree. */
  private static double[] inner(Host c, Host v, int row, int n) {
    double sum = 0;
    double absolute = 0;
    for (int j = 0; j < v.columns(); j++) {
      sum += c.at(row, j) * v.at(n, j);
      absolute += Math.abs(c.at(row, j) * v.at(n, j));
    }
    return new double[] {sum, absolute};
  }

  private static double path(int d) {
    return Math.min(d, d / 32.0 + 6);
  }

  private static Wanted product(Host c, Host v, int K, int n, int j) {
    double sum = 0;
    double absolute = 0;
    for (int k = 0; k < K; k++) {
      double[] inner = inner(c, v, n * K + k, n);
      sum += inner[0] * c.at(n * K + k, j);
      absolute += inner[1] * Math.abs(c.at(n * K + k, j));
    }
    return Wanted.within(sum, path(v.columns()) + 1 + K, absolute);
  }

  private static Wanted quadratic(Host c, Host v, int K, int n) {
    double sum = 0;
    double absolute = 0;
    for (int k = 0; k < K; k++) {
      double[] inner = inner(c, v, n * K + k, n);
      sum += inner[0] * inner[0];
      absolute += inner[1] * inner[1];
    }
    return Wanted.within(sum, 2 * path(v.columns()) + 1 + K, absolute);
  }
}
