package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Transfer;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * {@code matmul.cu} and {@code matmul_tensor.cu}: plain products ({@link ProductCase}) and every
 * epilogue.
 */
abstract class MatmulCase extends KernelCase {
  private final String variant;
  final Tile tile;

  MatmulCase(Tile tile, String variant) {
    this.tile = tile;
    this.variant = variant;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Tile tile : List.of(Tile.FFMA, Tile.TF32X3_64, Tile.TF32X3_128X64, Tile.TF32X3_128)) {
      for (Matmul.Op a : Matmul.Op.values()) {
        for (Matmul.Op b : Matmul.Op.values()) {
          if (tile == Tile.FFMA || a == Matmul.Op.N || b == Matmul.Op.N) {
            cases.add(new ProductCase(tile, a, b, 1, 0));
          }
        }
      }
      cases.add(new ProductCase(tile, Matmul.Op.N, Matmul.Op.N, -0.5f, 0.9f));
      for (Transfer f : tile == Tile.FFMA ? Transfer.values() : new Transfer[] {Transfer.TANH}) {
        cases.add(new Forward(tile, f, true));
      }
      cases.add(new Forward(tile, Transfer.TANH, false));
      cases.add(new Lowrank(tile, 1));
      cases.add(new Lowrank(tile, 3));
      cases.add(new Recursion(tile));
      cases.add(new Tangent(tile, true));
      cases.add(new Tangent(tile, false));
    }
    cases.add(new Recursion(Tile.TF32_64));
    cases.add(new ProductCase.LongInner(Tile.TF32X3_64));
    return cases;
  }

  @Override
  public String name() {
    return (tile.onTensorCores() ? "matmul_tensor/" : "matmul/") + variant + tile.suffix();
  }

  /** M rows, N columns, K inner: around the tile and the stage of 16. */
  @Override
  public List<Size> sizes() {
    List<Size> sizes =
        new ArrayList<>(
            List.of(
                Size.of("M", 1, "N", 1, "K", 1),
                Size.of("M", 63, "N", 64, "K", 15),
                Size.of("M", 64, "N", 65, "K", 16),
                Size.of("M", 65, "N", 63, "K", 17),
                Size.of("M", 97, "N", 31, "K", 101),
                Size.of("M", 3, "N", 130, "K", 2),
                Size.of("M", 150, "N", 70, "K", 333)));
    if (tile.rows() > 64) {
      sizes.add(Size.of("M", 127, "N", 128, "K", 47));
      sizes.add(Size.of("M", 129, "N", 257, "K", 33));
    }
    return sizes;
  }

  Matmul matmul(Trial t) {
    return new Matmul(t.device(), TileChoice.always(tile));
  }

  double roundings(int K) {
    return TileBounds.roundings(tile, K);
  }

  @Override
  public Work work(Size s) {
    double M = s.get("M");
    double N = s.get("N");
    double K = s.get("K");
    return new Work(2 * M * N * K, 4 * (M * K + K * N + 2 * M * N));
  }

  /** output = f(input Wᵀ) beside a homogeneous 1, derivative = f'. */
  private static final class Forward extends MatmulCase {
    private static final float SLOPE = 0.125f;
    private final Transfer f;
    private final boolean wantsDerivative;

    Forward(Tile tile, Transfer f, boolean wantsDerivative) {
      super(
          tile,
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
      Matmul matmul = matmul(t);
      t.launch(s -> matmul.forward(s, x, w, f, slope, a, b));
      TransferReference reference = new TransferReference(f, slope);
      Wanted.Reference h =
          (i, j) -> {
            Reference.Sum sum = Reference.Sum.of(inner, k -> input.at(i, k) * W.at(j, k));
            return Wanted.within(sum.value(), roundings(inner), sum.magnitude());
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

  /** out = derivative ∘ (C W) without the bias column; the sum and one rounding. */
  private static final class Lowrank extends MatmulCase {
    private final int rank;

    Lowrank(Tile tile, int rank) {
      super(tile, rank == 1 ? "backward" : "lowrank-" + rank);
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
      Matmul matmul = matmul(t);
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
            return Wanted.within(sum.value(), roundings(o) + 1, sum.magnitude());
          });
    }
  }

  /** G = (Wᵀ P) ∘ S: lower half, mirrored; only the lower triangle of S is there. */
  private static final class Recursion extends MatmulCase {
    Recursion(Tile tile) {
      super(tile, "recursion");
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
      Matmul matmul = matmul(t);
      t.launch(s -> matmul.recursion(s, p, w, moment, G));
      t.check(
          "G",
          G,
          (x, y) -> {
            int r = Math.max(x, y);
            int c = Math.min(x, y);
            Reference.Sum sum = Reference.Sum.of(o, k -> W.at(k, r) * P.at(k, c)).times(S.at(r, c));
            return Wanted.within(sum.value(), roundings(o) + 1, sum.magnitude());
          });
    }
  }

  /**
   * tangentOut = derivative ∘ (input Dᵀ + tangentIn Wᵀ): one sum of 2K + 1 products and one
   * rounding.
   */
  private static final class Tangent extends MatmulCase {
    private final boolean whole;

    Tangent(Tile tile, boolean whole) {
      super(tile, whole ? "tangent" : "tangent-first-layer");
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
      Matmul matmul = matmul(t);
      t.launch(s -> matmul.tangent(s, x, d, tangentIn, w, derivative, out));
      t.check(
          "tangentOut",
          out,
          (r, j) -> {
            Reference.Sum sum = Reference.Sum.of(i + 1, k -> input.at(r, k) * D.at(j, k));
            if (whole) {
              sum = sum.plus(Reference.Sum.of(i, k -> u.at(r, k) * W.at(j, k))).times(b.at(r, j));
            }
            int inner =
                whole ? 2 * i + 1 : i + 1; // two products in one chain, a step more where they meet
            return Wanted.within(sum.value(), roundings(inner) + 2, sum.magnitude());
          });
    }
  }
}
