package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code matmul.cu}: plain products and every epilogue. */
abstract class MatmulCase extends KernelCase {
  private final String variant;

  private MatmulCase(String variant) {
    this.variant = variant;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Matmul.Op a : Matmul.Op.values()) {
      for (Matmul.Op b : Matmul.Op.values()) {
        cases.add(new Product(a, b, 1, 0));
      }
    }
    cases.add(new Product(Matmul.Op.N, Matmul.Op.N, -0.5f, 0.9f));
    for (Transfer f : Transfer.values()) {
      cases.add(new Forward(f, true));
    }
    cases.add(new Forward(Transfer.TANH, false));
    cases.add(new Lowrank(1));
    cases.add(new Lowrank(3));
    cases.add(new Recursion());
    cases.add(new Tangent(true));
    cases.add(new Tangent(false));
    return cases;
  }

  @Override
  public String name() {
    return "matmul/" + variant;
  }

  /** M rows, N columns, K inner: around the 64 x 64 x 16 tile. */
  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("M", 1, "N", 1, "K", 1),
        Size.of("M", 63, "N", 64, "K", 15),
        Size.of("M", 64, "N", 65, "K", 16),
        Size.of("M", 65, "N", 63, "K", 17),
        Size.of("M", 97, "N", 31, "K", 101),
        Size.of("M", 3, "N", 130, "K", 2),
        Size.of("M", 150, "N", 70, "K", 333));
  }

  @Override
  public Work work(Size s) {
    double M = s.get("M");
    double N = s.get("N");
    double K = s.get("K");
    return new Work(2 * M * N * K, 4 * (M * K + K * N + 2 * M * N));
  }

  /** C = alpha op(A) op(B) + beta C. K fused steps, then a rounding for alpha and one for beta. */
  private static final class Product extends MatmulCase {
    private final Matmul.Op opA;
    private final Matmul.Op opB;
    private final float alpha;
    private final float beta;

    Product(Matmul.Op opA, Matmul.Op opB, float alpha, float beta) {
      super((opA.name() + opB).toLowerCase(Locale.ROOT) + (beta == 0 ? "" : "-alpha-beta"));
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
      Matmul matmul = new Matmul(t.device());
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
            return Wanted.within(sum.value() + old, K + 2, sum.magnitude() + Math.abs(old));
          });
    }
  }

  /** output = f(input Wᵀ) beside a homogeneous 1, derivative = f'. */
  private static final class Forward extends MatmulCase {
    private static final float SLOPE = 0.125f;
    private final Transfer f;
    private final boolean wantsDerivative;

    Forward(Transfer f, boolean wantsDerivative) {
      super(
          "forward-"
              + f.name().toLowerCase(Locale.ROOT)
              + (wantsDerivative ? "" : "-no-derivative"));
      this.f = f;
      this.wantsDerivative = wantsDerivative;
    }

    @Override
    public void run(Trial t) {
      int N = t.size("M");
      int o = t.size("N");
      int inner = t.size("K");
      Host input = t.random(N, inner);
      Host W = t.random(o, inner);
      float slope = f == Transfer.LEAKY_RELU ? SLOPE : 0;
      Matrix x = t.input(input);
      Matrix w = t.input(W);
      Matrix a = t.inOut(Host.of(N, o + 1, (i, j) -> j == o ? 1 : Double.NaN));
      Matrix b = wantsDerivative ? t.output(N, o) : null;
      Matmul matmul = new Matmul(t.device());
      t.launch(s -> matmul.forward(s, x, w, f, slope, a, b));
      TransferReference reference = new TransferReference(f, slope);
      Wanted.Reference h =
          (i, j) -> {
            Reference.Sum sum = Reference.Sum.of(inner, k -> input.at(i, k) * W.at(j, k));
            return Wanted.within(sum.value(), inner, sum.magnitude());
          };
      t.check(
          "output",
          a,
          (i, j) ->
              j == o ? Wanted.exactly(1) : reference.value(h.at(i, j).value(), h.at(i, j).bound()));
      if (b != null) {
        t.check(
            "derivative",
            b,
            (i, j) -> reference.derivative(h.at(i, j).value(), h.at(i, j).bound()));
      }
    }
  }

  /** out = derivative ∘ (C W) without the bias column; K fused steps and one rounding. */
  private static final class Lowrank extends MatmulCase {
    private final int rank;

    Lowrank(int rank) {
      super(rank == 1 ? "backward" : "lowrank-" + rank);
      this.rank = rank;
    }

    @Override
    public void run(Trial t) {
      int n = t.size("M");
      int i = t.size("N");
      int o = t.size("K");
      Host C = t.random(n * rank, o);
      Host W = t.random(o, i + 1);
      Host b = t.random(n, i);
      Matrix c = t.input(C);
      Matrix w = t.input(W);
      Matrix derivative = t.input(b);
      Matrix out = t.output(n * rank, i);
      Matmul matmul = new Matmul(t.device());
      t.launch(
          s -> {
            if (rank == 1) {
              matmul.backward(s, c, w, derivative, out);
            } else {
              matmul.lowrank(s, c, w, derivative, rank, out);
            }
          });
      t.check(
          "out",
          out,
          (r, j) -> {
            Reference.Sum sum =
                Reference.Sum.of(o, k -> C.at(r, k) * W.at(k, j)).times(b.at(r / rank, j));
            return Wanted.within(sum.value(), o + 1, sum.magnitude());
          });
    }
  }

  /** G = (Wᵀ P) ∘ S: lower half, mirrored; only the lower triangle of S is there. */
  private static final class Recursion extends MatmulCase {
    Recursion() {
      super("recursion");
    }

    @Override
    public void run(Trial t) {
      int i = t.size("N");
      int o = t.size("K");
      Host W = t.random(o, i + 1);
      Host P = t.random(o, i);
      Host S = Reference.lowerOnly(t.random(i, i));
      Matrix w = t.input(W);
      Matrix p = t.input(P);
      Matrix moment = t.input(S);
      Matrix G = t.output(i, i);
      Matmul matmul = new Matmul(t.device());
      t.launch(s -> matmul.recursion(s, p, w, moment, G));
      t.check(
          "G",
          G,
          (x, y) -> {
            int r = Math.max(x, y);
            int c = Math.min(x, y);
            Reference.Sum sum = Reference.Sum.of(o, k -> W.at(k, r) * P.at(k, c)).times(S.at(r, c));
            return Wanted.within(sum.value(), o + 1, sum.magnitude());
          });
    }
  }

  /**
   * tangentOut = derivative ∘ (input Dᵀ + tangentIn Wᵀ): one chain of 2K - 1 fused steps and one
   * rounding.
   */
  private static final class Tangent extends MatmulCase {
    private final boolean whole;

    Tangent(boolean whole) {
      super(whole ? "tangent" : "tangent-first-layer");
      this.whole = whole;
    }

    @Override
    public void run(Trial t) {
      int N = t.size("M");
      int o = t.size("N");
      int i = t.size("K");
      Host input = t.random(N, i + 1);
      Host D = t.random(o, i + 1);
      Host u = t.random(N, i);
      Host W = t.random(o, i + 1);
      Host b = t.random(N, o);
      Matrix x = t.input(input);
      Matrix d = t.input(D);
      Matrix tangentIn = whole ? t.input(u) : null;
      Matrix w = t.input(W);
      Matrix derivative = whole ? t.input(b) : null;
      Matrix out = t.output(N, o);
      Matmul matmul = new Matmul(t.device());
      t.launch(s -> matmul.tangent(s, x, d, tangentIn, w, derivative, out));
      t.check(
          "tangentOut",
          out,
          (r, j) -> {
            Reference.Sum sum = Reference.Sum.of(i + 1, k -> input.at(r, k) * D.at(j, k));
            if (whole) {
              sum = sum.plus(Reference.Sum.of(i, k -> u.at(r, k) * W.at(j, k))).times(b.at(r, j));
            }
            return Wanted.within(sum.value(), 2 * i + 2, sum.magnitude());
          });
    }
  }
}
