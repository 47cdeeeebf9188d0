package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.List;
import java.util.Locale;

/** Inner products of the chunks of two stacks, or of one with itself; NaN and infinities. */
final class StackedGramCase extends KernelCase {
  private final Kind kind;

  private enum Kind {
    PRODUCT,
    SAME,
    NON_FINITE
  }

  private StackedGramCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(Kind.values()).stream().<KernelCase>map(StackedGramCase::new).toList();
  }

  @Override
  public String name() {
    return "stacked_gram/" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public List<Size> sizes() {
    if (kind == Kind.NON_FINITE) {
      return List.of(Size.of("L", 3, "n", 1, "d", 1), Size.of("L", 4, "n", 9, "d", 130));
    }
    return List.of(
        Size.of("L", 1, "n", 1, "d", 1),
        Size.of("L", 2, "n", 7, "d", 3),
        Size.of("L", 3, "n", 8, "d", 127),
        Size.of("L", 1, "n", 9, "d", 128),
        Size.of("L", 4, "n", 17, "d", 785),
        Size.of("L", 2, "n", 5, "d", 1024),
        Size.of("L", 2, "n", 3, "d", 2051),
        Size.of("L", 40, "n", 2, "d", 10),
        Size.of("L", 2, "n", 1500, "d", 7)); // a lane carries 188 rows
  }

  @Override
  public Work work(Size size) {
    int L = size.get("L");
    double chunk = (double) size.get("n") * size.get("d");
    double stacks = kind == Kind.SAME ? 1 : 2;
    return new Work(chunk * L * (L + 1), 4 * stacks * L * chunk + 4.0 * L * L);
  }

  @Override
  public void run(Trial trial) {
    int L = trial.size("L");
    int n = trial.size("n");
    int d = trial.size("d");
    Host v = trial.random(L * n, d);
    Host p = kind == Kind.SAME ? v : trial.random(L * n, d);
    if (kind == Kind.NON_FINITE) {
      v.set(n + n / 2, d - 1, Float.NaN); // of chunk 1
      p.set(2 * n, 0, Float.POSITIVE_INFINITY); // of chunk 2
    }
    Matrix V = trial.input(v);
    Matrix P = kind == Kind.SAME ? V : trial.input(p);
    Matrix C = trial.output(L, L);
    StackedGram gram = new StackedGram(trial.device());
    trial.launch(s -> gram.gram(s, V, P, L, C));
    Host got = trial.download(C);
    if (kind == Kind.NON_FINITE) {
      Host finite = Host.of(L, L, (i, j) -> Float.isFinite(got.get(i, j)) ? 1 : 0);
      trial.check("finite?", finite, (i, j) -> Wanted.exactly(finite(i, j) ? 1 : 0));
      return;
    }
    trial.check("C", got, (i, j) -> mean(v, p, Math.max(i, j), Math.min(i, j), n));
    trial.check("C above its diagonal", got, (i, j) -> Wanted.exactly(got.get(j, i)));
  }

  /** Whether a product of a chunk of V and one that is not later of P has finite terms only. */
  private static boolean finite(int i, int j) {
    return Math.max(i, j) != 1 && Math.min(i, j) != 2;
  }

  /** See {@code stacked_gram.cu} for the 48 roundings. */
  private static Wanted mean(Host v, Host p, int i, int j, int n) {
    double sum = 0;
    double magnitude = 0;
    for (int row = 0; row < n; row++) {
      for (int c = 0; c < v.columns(); c++) {
        double term = v.at(i * n + row, c) * p.at(j * n + row, c);
        sum += term;
        magnitude += Math.abs(term);
      }
    }
    return Wanted.within(sum / n, 48, magnitude / n);
  }
}
