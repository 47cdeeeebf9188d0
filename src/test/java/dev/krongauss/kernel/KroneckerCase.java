package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.List;

/** {@code kronecker.cu}: means of (a aᵀ) ⊗ H over the datapoints. */
final class KroneckerCase extends KernelCase {
  private final boolean add;

  private KroneckerCase(boolean add) {
    this.add = add;
  }

  static List<KernelCase> all() {
    return List.of(new KroneckerCase(false), new KroneckerCase(true));
  }

  @Override
  public String name() {
    return add ? "kronecker/add" : "kronecker/mean";
  }

  /** Tiles of 4 x 4 sub-blocks, 256 elements of H a block, 32 datapoints staged at a time. */
  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("N", 1, "I", 1, "d", 1),
        Size.of("N", 3, "I", 3, "d", 2),
        Size.of("N", 31, "I", 4, "d", 5),
        Size.of("N", 32, "I", 5, "d", 16),
        Size.of("N", 33, "I", 9, "d", 17),
        Size.of("N", 65, "I", 1, "d", 33),
        Size.of("N", 67, "I", 13, "d", 11));
  }

  @Override
  public Work work(Size s) {
    double I = s.get("I");
    double d = s.get("d");
    double inputs = 4 * s.get("N") * (I + d * d);
    double outputs = (add ? 8 : 4) * I * I * d * d;
    return new Work(2 * s.get("N") * I * I * d * d / 2, inputs + outputs);
  }

  @Override
  public void run(Trial t) {
    int N = t.size("N");
    int I = t.size("I");
    int d = t.size("d");
    float scale = 1f / N;
    Host a = t.random(N, I);
    Host lower = t.random(N * d, d);
    Host H =
        Host.of(N * d, d, (r, j) -> lower.at(r / d * d + Math.max(r % d, j), Math.min(r % d, j)));
    // an earlier sum of such products: alike in (j, j') and (j', j), in (i, i') and (i', i)
    Host quarter = t.random(I * d, I * d);
    Host before =
        Host.of(
            I * d,
            I * d,
            (p, q) ->
                quarter.at(
                    Math.max(p / d, q / d) * d + Math.max(p % d, q % d),
                    Math.min(p / d, q / d) * d + Math.min(p % d, q % d)));
    Matrix activations = t.input(a);
    Matrix curvatures = t.input(H);
    Matrix K = add ? t.inOut(before) : t.output(I * d, I * d);
    Kronecker kronecker = new Kronecker(t.device());
    t.launch(s -> kronecker.mean(s, activations, curvatures, scale, add, K));
    Host got = t.download(K);
    t.check(
        "K",
        got,
        (p, q) -> {
          Reference.Sum sum =
              Reference.Sum.of(
                  N, n -> a.at(n, p / d) * a.at(n, q / d) * H.at(n * d + p % d, q % d));
          double old = add ? before.at(p, q) : 0;
          double value = old + scale * sum.value();
          // a product before each fused step, the steps, the scale, the addition
          double error = (N + 3) * scale * sum.magnitude() + (add ? Math.abs(value) : 0);
          return Wanted.within(value, 1, error);
        });
    t.check("image", got, (p, q) -> Wanted.exactly(got.at(q, p)));
  }
}
