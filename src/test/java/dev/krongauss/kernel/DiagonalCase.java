package dev.krongauss.kernel;

import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** {@code diagonal.cu}: damped inverses of many diagonals, and Gram diagonals. */
abstract class DiagonalCase extends KernelCase {
  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      cases.add(new Invert(kind));
    }
    cases.add(new Gram());
    return cases;
  }

  /** What is the matter with the second of three diagonals. */
  private enum Kind {
    INVERT(0),
    ZERO(0),
    NEGATIVE(-2),
    NOT_A_NUMBER(Float.NaN),
    INFINITE(Float.POSITIVE_INFINITY),
    NOT_DAMPED(0);

    final float spoilt;

    Kind(float spoilt) {
      this.spoilt = spoilt;
    }

    boolean fails() {
      return this != INVERT;
    }
  }

  private static final class Invert extends DiagonalCase {
    private static final int COUNT = 3;
    private static final int UNSET = -7;

    /** Infos and dampings of others stand before, between and behind. */
    private static final int[] PLACES = {4, 1, 38};

    private static final int ROW = 40;

    private final Kind kind;

    Invert(Kind kind) {
      this.kind = kind;
    }

    @Override
    public String name() {
      String variant = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
      return "diagonal/" + (kind == Kind.INVERT ? variant : "invert-" + variant);
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("n", 1),
          Size.of("n", 5),
          Size.of("n", 255),
          Size.of("n", 256),
          Size.of("n", 257),
          Size.of("n", 1031));
    }

    @Override
    public Work work(Size size) {
      double n = 0;
      for (int k = 0; k < COUNT; k++) {
        n += length(size.get("n"), k);
      }
      return new Work(2 * n, 8 * n);
    }

    @Override
    public void run(Trial t) {
      float[] dampings = new float[ROW];
      int[] infos = new int[ROW];
      Arrays.fill(dampings, Float.NaN);
      Arrays.fill(infos, UNSET);
      List<Host> g = new ArrayList<>();
      List<Diagonal.Item> items = new ArrayList<>();
      int failed = t.size("n") / 3; // and one behind it, which is not the first
      for (int k = 0; k < COUNT; k++) {
        int n = length(t.size("n"), k);
        Host values = t.random(1, n, 1e-6, 2);
        dampings[PLACES[k]] = 0.1f / (k + 1);
        if (k == 1 && kind.fails()) {
          dampings[PLACES[k]] = kind == Kind.ZERO ? 0 : kind == Kind.NOT_DAMPED ? Float.NaN : 0.05f;
          if (kind != Kind.NOT_DAMPED) {
            values.set(0, failed, kind.spoilt);
            values.set(0, n - 1, kind.spoilt);
          }
        }
        g.add(values);
        items.add(new Diagonal.Item(t.input(values), PLACES[k], t.output(1, n)));
      }
      Buffer info = t.ints(infos);
      Matrix damping = t.input(Host.row(dampings));
      Diagonal diagonal = new Diagonal(t.device());
      t.launch(s -> diagonal.invert(s, items, ROW, damping.pointer(), info.pointer()));
      for (int k = 0; k < COUNT; k++) {
        boolean bad = k == 1 && kind.fails();
        infos[PLACES[k]] = bad ? (kind == Kind.NOT_DAMPED ? 0 : failed) + 1 : 0;
      }
      t.checkInts("info", info, infos);
      for (int k = 0; k < COUNT; k++) {
        Host values = g.get(k);
        double added = dampings[PLACES[k]];
        boolean none = k == 1 && kind.fails();
        t.check(
            "x of diagonal " + k,
            items.get(k).x(),
            (i, j) -> {
              double x = 1 / (values.at(i, j) + added);
              return none ? Wanted.exactly(Double.NaN) : Wanted.within(x, 3, x);
            });
      }
    }

    private static int length(int n, int k) {
      return n + 37 * k;
    }
  }

  /** alpha diag(XᵀX), alone and added to what is there. */
  private static final class Gram extends DiagonalCase {
    private static final float ALPHA = 0.3f;

    @Override
    public String name() {
      return "diagonal/gram";
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("M", 1, "d", 1),
          Size.of("M", 31, "d", 3),
          Size.of("M", 32, "d", 32),
          Size.of("M", 33, "d", 31),
          Size.of("M", 100, "d", 33),
          Size.of("M", 1023, "d", 5),
          Size.of("M", 1025, "d", 67));
    }

    @Override
    public Work work(Size size) {
      double elements = (double) size.get("M") * size.get("d");
      return new Work(4 * elements, 8 * elements);
    }

    @Override
    public void run(Trial t) {
      int M = t.size("M");
      int d = t.size("d");
      Host X = t.random(M, d);
      Host old = t.random(1, d);
      Matrix x = t.input(X);
      Matrix alone = t.output(1, d);
      Matrix added = t.inOut(old);
      Diagonal diagonal = new Diagonal(t.device());
      t.launch(
          s -> {
            diagonal.gram(s, x, ALPHA, 0, alone);
            diagonal.gram(s, x, ALPHA, 1, added);
          });
      t.check("s", alone, (i, j) -> wanted(X, j, 0));
      t.check("s, added", added, (i, j) -> wanted(X, j, old.at(0, j)));
    }

    /**
     * 32 rows in turn, sums of those over M / 1024 groups, trees of 2 + 8, and the last product.
     */
    private static Wanted wanted(Host X, int j, double old) {
      Reference.Sum sum = Reference.Sum.of(X.rows(), k -> X.at(k, j) * X.at(k, j)).times(ALPHA);
      return Wanted.within(
          sum.value() + old, X.rows() / 1024.0 + 45, sum.magnitude() + Math.abs(old));
    }
  }
}
