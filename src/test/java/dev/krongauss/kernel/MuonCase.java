package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.tile.Tiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * {@code muon.cu}: direction and step of layers that are wider than high, whose X is turned, and
 * others; the polynomial, of which lower triangles alone are there.
 */
abstract class MuonCase extends KernelCase {
  private final String variant;

  private MuonCase(String variant) {
    this.variant = variant;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (UpdateCase.Guard guard : UpdateCase.Guard.values()) {
      cases.add(new Direction(guard, guard != UpdateCase.Guard.ABSENT));
      cases.add(new Step(guard, guard == UpdateCase.Guard.ACCEPTED ? 0.5f : 0));
    }
    cases.add(new Polynomial());
    return cases;
  }

  @Override
  public String name() {
    return "muon/" + variant.toLowerCase(Locale.ROOT);
  }

  /** Around a tile, more tiles than the threads that add them, and more layers than a launch. */
  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("rows", 1, "columns", 1, "layers", 1),
        Size.of("rows", 31, "columns", 33, "layers", 1),
        Size.of("rows", 33, "columns", 31, "layers", 2),
        Size.of("rows", 32, "columns", 32, "layers", 1),
        Size.of("rows", 67, "columns", 131, "layers", 3),
        Size.of("rows", 600, "columns", 520, "layers", 1),
        Size.of("rows", 9, "columns", 33, "layers", Groups.MOST + 2));
  }

  /** X of a layer, turned where that makes its columns fewer. */
  private static Host turned(Host x) {
    return x.columns() > x.rows() ? Host.of(x.columns(), x.rows(), (i, j) -> x.at(j, i)) : x;
  }

  /** An element of W's shape as a reference of X's. */
  private static Wanted.Reference turned(Host like, Wanted.Reference reference) {
    return like.columns() > like.rows() ? (i, j) -> reference.at(j, i) : reference;
  }

  private static final class Direction extends MuonCase {
    private static final double MU = 0.95;

    private final UpdateCase.Guard guard;
    private final boolean nesterov;

    Direction(UpdateCase.Guard guard, boolean nesterov) {
      super("direction-" + guard);
      this.guard = guard;
      this.nesterov = nesterov;
    }

    @Override
    public Work work(Size size) {
      double elements = LayerShapes.elementsWith(size);
      return new Work(7 * elements, 24 * elements);
    }

    /** The second layer's norm is below the least one. */
    @Override
    public void run(Trial t) {
      List<Host> before = new ArrayList<>();
      List<Host> gradients = new ArrayList<>();
      List<Host> old = new ArrayList<>();
      List<Matrix> g = new ArrayList<>();
      List<Matrix> M = new ArrayList<>();
      List<Matrix> X = new ArrayList<>();
      for (int l = 0; l < t.size("layers"); l++) {
        int rows = LayerShapes.rowsWith(t, l);
        int columns = LayerShapes.columnsWith(t, l);
        double most = l == 1 ? 1e-12 : 1;
        before.add(t.random(rows, columns, -most, most));
        gradients.add(t.random(rows, columns, -most, most));
        g.add(t.input(gradients.get(l)));
        M.add(t.inOut(before.get(l)));
        Host shape = turned(before.get(l));
        old.add(t.random(shape.rows(), shape.columns()));
        X.add(guard.writes() ? t.output(shape.rows(), shape.columns()) : t.inOut(old.get(l)));
      }
      Matrix scratch = t.output(1, Muon.scratchFloats(g));
      long accepted = guard.pointer(t);
      Muon muon = new Muon(t.device());
      t.launch(s -> muon.direction(s, g, M, X, MU, nesterov, scratch.pointer(), accepted));
      for (int l = 0; l < M.size(); l++) {
        Host m = before.get(l);
        Host gradient = gradients.get(l);
        t.check("M of layer " + l, M.get(l), (i, j) -> moved(m, gradient, i, j));
        Host kept = old.get(l);
        t.check(
            "X of layer " + l,
            X.get(l),
            guard.writes()
                ? turned(m, normalized(m, gradient))
                : (i, j) -> Wanted.exactly(kept.get(i, j)));
      }
    }

    private Wanted moved(Host m, Host g, int i, int j) {
      if (!guard.writes()) {
        return Wanted.exactly(m.get(i, j));
      }
      double value = MU * m.at(i, j) + (1 - MU) * g.at(i, j);
      double terms = Math.abs(m.at(i, j)) + Math.abs(g.at(i, j));
      return Wanted.within(value, 1, Math.abs(value) + 2 * (1 - MU) * terms);
    }

    /** The difference, mu and the last sum are rounded, and M as it comes. */
    private Wanted looking(Host m, Host g, int i, int j) {
      Wanted M = moved(m, g, i, j);
      if (!nesterov) {
        return M;
      }
      double value = MU * M.value() + (1 - MU) * g.at(i, j);
      double terms = Math.abs(M.value()) + Math.abs(g.at(i, j));
      return Wanted.within(value, 1, M.bound() / Wanted.EPSILON + Math.abs(value) + 2 * MU * terms);
    }

    private Wanted.Reference normalized(Host m, Host g) {
      double squares = 0;
      double errors = 0;
      for (int i = 0; i < m.rows(); i++) {
        for (int j = 0; j < m.columns(); j++) {
          Wanted v = looking(m, g, i, j);
          squares += v.value() * v.value();
          errors += v.bound() * v.bound();
        }
      }
      double norm = Math.max(Math.sqrt(squares), Muon.EPSILON);
      int tiles = Tiles.up(m.rows(), 32) * Tiles.up(m.columns(), 32);
      double relative = (18 + tiles / 512.0) * Wanted.EPSILON + Math.sqrt(errors) / norm;
      return (i, j) -> {
        Wanted v = looking(m, g, i, j);
        double value = v.value() / norm;
        return new Wanted(value, v.bound() / norm + relative * Math.abs(value));
      };
    }
  }

  private static final class Step extends MuonCase {
    private final UpdateCase.Guard guard;
    private final float decay;

    Step(UpdateCase.Guard guard, float decay) {
      super("step-" + guard);
      this.guard = guard;
      this.decay = decay;
    }

    @Override
    public Work work(Size size) {
      double elements = LayerShapes.elementsWith(size);
      return new Work(3 * elements, 12 * elements);
    }

    @Override
    public void run(Trial t) {
      float lr = 0.1f;
      List<Host> w = new ArrayList<>();
      List<Host> x = new ArrayList<>();
      List<Matrix> W = new ArrayList<>();
      List<Matrix> X = new ArrayList<>();
      float[] scale = new float[t.size("layers")];
      for (int l = 0; l < scale.length; l++) {
        int rows = LayerShapes.rowsWith(t, l);
        int columns = LayerShapes.columnsWith(t, l);
        scale[l] = 0.5f + l;
        w.add(t.random(rows, columns));
        x.add(t.random(rows, columns));
        W.add(t.inOut(w.get(l)));
        X.add(t.input(turned(x.get(l))));
      }
      Matrix rate = t.input(Host.row(lr));
      long accepted = guard.pointer(t);
      Muon muon = new Muon(t.device());
      t.launch(s -> muon.step(s, W, X, scale, decay, rate.pointer(), accepted));
      for (int l = 0; l < scale.length; l++) {
        Host before = w.get(l);
        Host direction = x.get(l);
        double step = (double) lr * scale[l];
        t.check("W of layer " + l, W.get(l), (i, j) -> moved(before, direction, i, j, step, lr));
      }
    }

    private Wanted moved(Host w, Host x, int i, int j, double step, double lr) {
      double change = step * x.at(i, j);
      double value = (1 - lr * decay) * w.at(i, j) - change;
      return guard.writes()
          ? Wanted.within(value, 3, Math.abs(w.at(i, j)) + Math.abs(change))
          : Wanted.exactly(w.at(i, j));
    }
  }

  private static final class Polynomial extends MuonCase {
    private static final float A1 = 3.4445f;
    private static final float B1 = -4.775f;
    private static final float C1 = 2.0315f;

    Polynomial() {
      super("polynomial");
    }

    @Override
    public List<Size> sizes() {
      return List.of(
          Size.of("n", 1, "layers", 1),
          Size.of("n", 7, "layers", 2),
          Size.of("n", 8, "layers", 1),
          Size.of("n", 129, "layers", 2),
          Size.of("n", 1027, "layers", 1),
          Size.of("n", 3, "layers", Groups.MOST + 2));
    }

    @Override
    public Work work(Size size) {
      double elements = 0;
      for (int l = 0; l < size.get("layers"); l++) {
        double n = size.get("n") + l;
        elements += n * (n + 1) / 2;
      }
      return new Work(4 * elements, 12 * elements);
    }

    @Override
    public void run(Trial t) {
      List<Host> a = new ArrayList<>();
      List<Host> b = new ArrayList<>();
      List<Matrix> A = new ArrayList<>();
      List<Matrix> B = new ArrayList<>();
      for (int l = 0; l < t.size("layers"); l++) {
        int n = t.size("n") + l;
        a.add(Reference.lowerOnly(t.random(n, n)));
        b.add(t.random(n, n));
        A.add(t.input(a.get(l)));
        B.add(t.inOut(b.get(l)));
      }
      Muon muon = new Muon(t.device());
      t.launch(s -> muon.polynomial(s, A, B, A1, B1, C1));
      for (int l = 0; l < A.size(); l++) {
        Host first = a.get(l);
        Host second = b.get(l);
        t.check(
            "B of layer " + l,
            B.get(l),
            (i, j) -> {
              if (j > i) {
                return Wanted.exactly(second.get(i, j));
              }
              double inner = B1 * first.at(i, j) + (i == j ? A1 : 0);
              double value = inner + C1 * second.at(i, j);
              return Wanted.within(value, 1, Math.abs(inner) + Math.abs(value));
            });
      }
    }
  }
}
