package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import java.util.List;

/** Sums over the rows of a datapoint, in double. */
final class StackCase extends KernelCase {
  private final boolean stopped;

  private StackCase(boolean stopped) {
    this.stopped = stopped;
  }

  static List<KernelCase> all() {
    return List.of(new StackCase(false), new StackCase(true));
  }

  @Override
  public String name() {
    return stopped ? "stack/stopped" : "stack/add";
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("N", 1, "K", 1, "m", 1),
        Size.of("N", 6, "K", 3, "m", 2),
        Size.of("N", 255, "K", 1, "m", 5),
        Size.of("N", 771, "K", 2, "m", 3));
  }

  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  @Override
  public Work work(Size size) {
    double elements = (double) size.get("N") * size.get("K");
    return stopped ? new Work(0, 4) : new Work(2 * elements, 16 * elements);
  }

  @Override
  public void run(Trial t) {
    int N = t.size("N");
    int K = t.size("K");
    int m = t.size("m");
    Doubles r = Doubles.random(t, K * N);
    Buffer stop = t.ints(stopped ? 1 : 0);
    Stack kernel = new Stack(t.device());
    t.launch(s -> kernel.add(s, stop.pointer(), r.pointer(), K, N, m));
    if (stopped) {
      r.checkUnchanged("r");
      return;
    }
    double[][] wanted = new double[2][K * N];
    for (int i = 0; i < K * N; i++) {
      for (int u = i / m * m; u < i / m * m + m; u++) {
        wanted[0][i] += r.at(u) / Math.sqrt(m);
        wanted[1][i] += Math.abs(r.at(u)) / Math.sqrt(m);
      }
    }
    // the reference rounds as often as the kernel
    r.check("r", i -> wanted[0][i], i -> 2 * (m + 2) * Doubles.EPSILON * wanted[1][i]);
  }
}
