package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.List;

/** {@code congruence.cu}: transposes and scalings of stacks of matrices, tiles of 32 x 32. */
abstract class CongruenceCase extends KernelCase {
  private final String variant;

  private CongruenceCase(String variant) {
    this.variant = variant;
  }

  static List<KernelCase> all() {
    return List.of(
        new Transpose(),
        new Scale("scale", true, true, false),
        new Scale("scale-in-place", true, true, true),
        new Scale("scale-no-diagonal", true, false, false),
        new Scale("symmetrise-in-place", false, false, true));
  }

  @Override
  public String name() {
    return "congruence/" + variant;
  }

  /** Exact. */
  private static final class Transpose extends CongruenceCase {
    Transpose() {
      super("transpose");
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("N", 1, "r", 1, "c", 1),
          Size.of("N", 5, "r", 1, "c", 7),
          Size.of("N", 4, "r", 31, "c", 33),
          Size.of("N", 3, "r", 32, "c", 32),
          Size.of("N", 2, "r", 67, "c", 5),
          Size.of("N", 3, "r", 64, "c", 131));
    }

    @Override
    public Work work(Size s) {
      return new Work(0, 8.0 * s.get("N") * s.get("r") * s.get("c"));
    }

    @Override
    public void run(Trial t) {
      int N = t.size("N");
      int r = t.size("r");
      int c = t.size("c");
      Host x = t.random(N * r, c);
      Matrix X = t.input(x);
      Matrix Y = t.output(N * c, r);
      Congruence congruence = new Congruence(t.device());
      t.launch(s -> congruence.transpose(s, X, N, Y));
      t.check("Y", Y, (i, j) -> Wanted.exactly(x.at(i / c * r + j, i % c)));
    }
  }

  /** B M B + D of lower triangles; NaN above them, which nobody may read. */
  private static final class Scale extends CongruenceCase {
    private final boolean scaled;
    private final boolean diagonal;
    private final boolean inPlace;

    Scale(String variant, boolean scaled, boolean diagonal, boolean inPlace) {
      super(variant);
      this.scaled = scaled;
      this.diagonal = diagonal;
      this.inPlace = inPlace;
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("N", 1, "d", 1),
          Size.of("N", 5, "d", 3),
          Size.of("N", 4, "d", 31),
          Size.of("N", 3, "d", 32),
          Size.of("N", 2, "d", 33),
          Size.of("N", 2, "d", 131));
    }

    /** A stack is the square of what N and d mean elsewhere. */
    @Override
    public List<Size> benchSizes() {
      return List.of(Size.of("N", 200, "d", 250));
    }

    @Override
    public Work work(Size s) {
      double half = s.get("N") * s.get("d") * (s.get("d") + 1.0) / 2;
      return new Work(scaled ? 2 * half : 0, 12 * half);
    }

    @Override
    public void run(Trial t) {
      int N = t.size("N");
      int d = t.size("d");
      Host full = t.random(N * d, d);
      Host m = Host.of(N * d, d, (i, j) -> j > i % d ? Double.NaN : full.at(i, j));
      Host b = t.random(N, d);
      Host D = t.random(N, d);
      Matrix M = inPlace ? t.inOut(m) : t.input(m);
      Matrix factors = scaled ? t.input(b) : null;
      Matrix added = diagonal ? t.input(D) : null;
      Matrix H = inPlace ? M : t.output(N * d, d);
      Congruence congruence = new Congruence(t.device());
      t.launch(s -> congruence.scale(s, M, factors, added, H));
      Host got = t.download(H);
      t.check(
          "H",
          got,
          (row, j) -> {
            int n = row / d;
            int i = row % d;
            double value = full.at(n * d + Math.max(i, j), Math.min(i, j));
            value *= scaled ? b.at(n, i) * b.at(n, j) : 1;
            double plus = diagonal && i == j ? D.at(n, i) : 0;
            double roundings =
                (scaled ? 2 * Math.abs(value) : 0) + Math.abs(plus == 0 ? 0 : value + plus);
            return new Wanted(
                value + plus, roundings * Wanted.EPSILON + (scaled ? Wanted.TINY : 0));
          });
      t.check("image", got, (row, j) -> Wanted.exactly(got.at(row / d * d + j, row % d)));
    }
  }
}
