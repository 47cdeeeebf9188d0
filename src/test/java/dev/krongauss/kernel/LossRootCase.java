package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Loss.Kind;
import java.util.Arrays;
import java.util.List;

/** {@code loss_root.cu}: each element of C, and the theorem C_n C_nᵀ = H_n. */
final class LossRootCase extends LossCase {
  private LossRootCase(Kind kind) {
    super("loss_root/square-root", kind);
  }

  static List<KernelCase> all() {
    return Arrays.stream(Kind.values()).<KernelCase>map(LossRootCase::new).toList();
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("N", 1, "d", 1),
        Size.of("N", 5, "d", 3),
        Size.of("N", 4, "d", 10),
        Size.of("N", 2, "d", 31),
        Size.of("N", 1, "d", 64),
        Size.of("N", 2, "d", 65),
        Size.of("N", 1, "d", 129),
        Size.of("N", 1, "d", 1027));
  }

  @Override
  public Work work(Size size) {
    double elements = (double) size.get("N") * size.get("d") * size.get("d");
    return new Work(elements, 4 * elements);
  }

  @Override
  public void run(Trial trial) {
    int rows = trial.size("N");
    int d = trial.size("d");
    Host h = LossInputs.logits(trial, rows, d);
    Matrix logits = trial.input(h);
    Matrix C = trial.output(rows * d, d);
    LossRoot root = new LossRoot(trial.device());
    trial.launch(s -> root.squareRoot(s, kind, logits, C));
    LossReference[] reference = references(kind, h);
    Host got = trial.download(C);
    trial.check("C", got, (i, j) -> element(reference[i / d], i % d, j));
    if (d <= 31) {
      Host product = Host.of(rows * d, d, (i, j) -> product(got, i / d, i % d, j));
      trial.check("C Cᵀ", product, (i, j) -> hessian(reference[i / d], d, i % d, j));
    }
  }

  private Wanted element(LossReference r, int k, int j) {
    if (kind != Kind.SOFTMAX) {
      return j == k ? Wanted.within(r.root(k), r.rootFactor(k), r.root(k)) : Wanted.exactly(0);
    }
    double value = r.root(k) * (j == k ? r.complement(k) : -r.mean(j));
    double factor = j == k ? r.complementFactor(k) : r.meanFactor(j);
    return Wanted.within(value, r.rootFactor(k) + factor + 2, Math.abs(value));
  }

  private static double product(Host C, int n, int i, int j) {
    int d = C.columns();
    double sum = 0;
    for (int k = 0; k < d; k++) {
      sum += C.at(n * d + k, i) * C.at(n * d + k, j);
    }
    return sum;
  }

  private Wanted hessian(LossReference r, int d, int i, int j) {
    double value = i == j ? r.weight(i) : 0;
    if (kind == Kind.SOFTMAX) {
      value = r.mean(i) * (i == j ? r.complement(i) : -r.mean(j));
    }
    double error = Math.abs(value); // the comparison's own rounding to float
    for (int k = 0; k < d; k++) {
      Wanted a = element(r, k, i);
      Wanted b = element(r, k, j);
      error += (Math.abs(a.value()) * b.bound() + Math.abs(b.value()) * a.bound()) / Wanted.EPSILON;
      error += a.bound() * b.bound() / Wanted.EPSILON;
    }
    return Wanted.within(value, 1, error);
  }
}
