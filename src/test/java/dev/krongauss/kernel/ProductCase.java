package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.tile.Tile;
import java.util.List;
import java.util.Locale;

/** C = alpha op(A) op(B) + beta C. The sum, then a rounding for alpha and one for beta. */
final class ProductCase extends MatmulCase {
  private final Matmul.Op opA;
  private final Matmul.Op opB;
  private final float alpha;
  private final float beta;

  ProductCase(Tile tile, Matmul.Op opA, Matmul.Op opB, float alpha, float beta) {
    super(tile, (opA.name() + opB).toLowerCase(Locale.ROOT) + (beta == 0 ? "" : "-alpha-beta"));
    this.opA = opA;
    this.opB = opB;
    this.alpha = alpha;
    this.beta = beta;
  }

  @Override
  public void run(Trial t) {
    int M = t.size("M");
    int N = t.size("N");
    int K = t.size("K");
    Host A = opA == Matmul.Op.N ? t.random(M, K) : t.random(K, M);
    Host B = opB == Matmul.Op.N ? t.random(K, N) : t.random(N, K);
    Host C = beta == 0 ? Host.filled(M, N, Float.NaN) : t.random(M, N);
    Matrix a = t.input(A);
    Matrix b = t.input(B);
    Matrix c = t.inOut(C);
    Matmul matmul = matmul(t);
    t.launch(s -> matmul.product(s, opA, a, opB, b, alpha, beta, c));
    t.check(
        "C",
        c,
        (i, j) -> {
          Reference.Sum sum =
              Reference.Sum.of(
                      K,
                      k ->
                          (opA == Matmul.Op.N ? A.at(i, k) : A.at(k, i))
                              * (opB == Matmul.Op.N ? B.at(k, j) : B.at(j, k)))
                  .times(alpha);
          double old = beta == 0 ? 0 : beta * C.at(i, j);
          return Wanted.within(
              sum.value() + old, roundings(K) + 2, sum.magnitude() + Math.abs(old));
        });
  }

  /**
   * A sum of 65,536 products: the bound is an eighth of that of one FP32 chain. With positive
   * operands nothing cancels and what a tensor core cuts off goes one way.
   */
  static final class LongInner extends MatmulCase {
    LongInner(Tile tile) {
      super(tile, "long-inner");
    }

    @Override
    public List<Size> sizes() {
      return List.of(Size.of("M", 5, "N", 7, "K", 65_536));
    }

    @Override
    public List<Variant> variants() {
      return List.of(Variant.MIXED, Variant.POSITIVE);
    }

    @Override
    public void run(Trial t) {
      int M = t.size("M");
      int N = t.size("N");
      int K = t.size("K");
      Host A = t.random(M, K);
      Host B = t.random(N, K);
      Matrix a = t.input(A);
      Matrix b = t.input(B);
      Matrix c = t.output(M, N);
      Matmul matmul = matmul(t);
      t.launch(s -> matmul.product(s, Matmul.Op.N, a, Matmul.Op.T, b, 1, 0, c));
      t.check(
          "C",
          c,
          (i, j) -> {
            Reference.Sum sum = Reference.Sum.of(K, k -> A.at(i, k) * B.at(j, k));
            return Wanted.within(sum.value(), roundings(K), sum.magnitude());
          });
    }
  }
}
