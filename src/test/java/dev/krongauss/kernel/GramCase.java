package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.List;

/** {@code gram.cu}: S = beta S + alpha XᵀX, both halves. */
final class GramCase extends KernelCase {
  private final String variant;
  private final float alpha;
  private final float beta;

  private GramCase(String variant, float alpha, float beta) {
    this.variant = variant;
    this.alpha = alpha;
    this.beta = beta;
  }

  static List<KernelCase> all() {
    return List.of(new GramCase("fresh", 0.25f, 0), new GramCase("moving-average", 0.1f / 7, 0.9f));
  }

  @Override
  public String name() {
    return "gram/" + variant;
  }

  @Override
  public List<Size> sizes() {
    if (Boolean.getBoolean("krongauss.long")) {
      return List.of(Size.of("M", 100_000, "d", 70));
    }
    return List.of(
        Size.of("M", 1, "d", 1),
        Size.of("M", 15, "d", 63),
        Size.of("M", 16, "d", 64),
        Size.of("M", 17, "d", 65),
        Size.of("M", 101, "d", 131),
        Size.of("M", 3000, "d", 5),
        Size.of("M", 500, "d", 200));
  }

  @Override
  public Work work(Size s) {
    double M = s.get("M");
    double d = s.get("d");
    return new Work(M * d * (d + 1), 4 * (M * d + (beta == 0 ? 1 : 1.5) * d * d));
  }

  /** M fused steps, a rounding for alpha, one for beta. */
  @Override
  public void run(Trial t) {
    int M = t.size("M");
    int d = t.size("d");
    Host X = t.random(M, d);
    Host S = beta == 0 ? Host.filled(d, d, Float.NaN) : Reference.lowerOnly(t.random(d, d));
    Matrix x = t.input(X);
    Matrix moment = t.inOut(S);
    Gram gram = new Gram(t.device());
    t.launch(s -> gram.accumulate(s, x, alpha, beta, moment));
    Host got = t.download(moment);
    t.check(
        "S",
        got,
        (i, j) -> {
          Reference.Sum sum = Reference.Sum.of(M, m -> X.at(m, i) * X.at(m, j)).times(alpha);
          double old = beta == 0 ? 0 : beta * S.at(Math.max(i, j), Math.min(i, j));
          return Wanted.within(sum.value() + old, M + 2, sum.magnitude() + Math.abs(old));
        });
    t.check("S against its transpose", got, (i, j) -> Wanted.exactly(got.get(j, i)));
  }
}
