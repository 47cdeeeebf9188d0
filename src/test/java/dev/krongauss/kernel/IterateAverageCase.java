package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Count;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A += max(1/k, 1 - decay) (W - A), and the guard; one matrix, or many. */
final class IterateAverageCase extends KernelCase {
  private static final float DECAY = 0.9f;

  private final Kind kind;

  private enum Kind {
    FIRST(1),
    MEAN(7),
    DECAYED(70),
    REJECTED(7),
    MANY(3),
    /** A count whose lower word alone would begin anew. */
    BEYOND_A_WORD((1L << 32) + 1);

    private final long k;

    Kind(long k) {
      this.k = k;
    }
  }

  private IterateAverageCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(Kind.values()).stream().<KernelCase>map(IterateAverageCase::new).toList();
  }

  @Override
  public String name() {
    return "iterate_average/" + kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Size> sizes() {
    return kind == Kind.MANY ? LayerShapes.counts() : UpdateCase.elementSizes();
  }

  @Override
  public Work work(Size size) {
    double elements = LayerShapes.elements(size, kind == Kind.MANY);
    return new Work(3 * elements, 12 * elements);
  }

  @Override
  public void run(Trial trial) {
    List<int[]> shapes = LayerShapes.of(trial.size(), kind == Kind.MANY);
    List<Host> a = new ArrayList<>();
    List<Host> w = new ArrayList<>();
    List<Matrix> A = new ArrayList<>();
    List<Matrix> W = new ArrayList<>();
    for (int l = 0; l < shapes.size(); l++) {
      int rows = shapes.get(l)[0];
      int columns = shapes.get(l)[1];
      a.add(kind == Kind.FIRST ? Host.of(rows, columns, (i, j) -> 0) : trial.random(rows, columns));
      w.add(trial.random(rows, columns));
      A.add(trial.inOut(a.get(l)));
      W.add(trial.input(w.get(l)));
    }
    Count applied =
        new Count(trial.ints((int) kind.k).pointer(), trial.ints((int) (kind.k >>> 32)).pointer());
    long accepted = trial.ints(kind == Kind.REJECTED ? 0 : 1).pointer();
    IterateAverage average = new IterateAverage(trial.device());
    trial.launch(s -> average.enter(s, A, W, DECAY, applied, accepted));
    for (int l = 0; l < shapes.size(); l++) {
      Host before = a.get(l);
      Host weights = w.get(l);
      trial.check("A of layer " + l, A.get(l), (i, j) -> wanted(before, weights, i, j));
    }
  }

  private Wanted wanted(Host a, Host w, int i, int j) {
    return switch (kind) {
      case FIRST -> Wanted.exactly(w.get(i, j));
      case REJECTED -> Wanted.exactly(a.get(i, j));
      default -> {
        double weight = Math.max(1.0 / kind.k, 1 - (double) DECAY);
        double step = weight * (w.at(i, j) - a.at(i, j));
        double value = a.at(i, j) + step;
        yield Wanted.within(value, 1, Math.abs(value) + 4 * Math.abs(step));
      }
    };
  }
}
