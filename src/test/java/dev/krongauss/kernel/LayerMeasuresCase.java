package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * r, q, p and w of every layer, with and without an average of the gradients, three times; alone,
 * or beside copies of a part of a batch, whose bits are checked.
 */
final class LayerMeasuresCase extends KernelCase {
  private static final int LAUNCHES = 3;
  private static final int BATCH = 1039; // rows of the batch that a part is taken of
  private static final int[] WIDTHS = {1, 33, 129};

  private final Kind kind;

  private enum Kind {
    AVERAGE,
    TAKING,
    NO_AVERAGE,
    FIRST,
    MANY,
    NON_FINITE
  }

  private LayerMeasuresCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(Kind.values()).stream().<KernelCase>map(LayerMeasuresCase::new).toList();
  }

  @Override
  public String name() {
    return "layer_measures/" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public List<Size> sizes() {
    return LayerShapes.sizesOfSums(kind == Kind.MANY);
  }

  private List<int[]> shapes(Size size) {
    return LayerShapes.ofSums(size, kind == Kind.MANY);
  }

  @Override
  public Work work(Size size) {
    double elements = 0;
    for (int[] shape : shapes(size)) {
      elements += (double) shape[0] * shape[1];
    }
    double bytes = (averages() ? 16 : 12) * elements;
    if (kind == Kind.TAKING) {
      for (int k = 0; k < WIDTHS.length; k++) {
        bytes += 4.0 * (2 + k) * SubsampleCase.rows(BATCH).length * WIDTHS[k];
      }
    }
    return new Work(LAUNCHES * (averages() ? 11 : 8) * elements, LAUNCHES * bytes);
  }

  private boolean averages() {
    return kind == Kind.AVERAGE || kind == Kind.TAKING || kind == Kind.MANY;
  }

  @Override
  public void run(Trial trial) {
    float mu = averages() ? 0.3f : 0;
    List<Host> d = new ArrayList<>();
    List<Host> g = new ArrayList<>();
    List<Host> m = new ArrayList<>();
    List<Host> w = new ArrayList<>();
    List<Matrix> D = new ArrayList<>();
    List<Matrix> G = new ArrayList<>();
    List<Matrix> averages = new ArrayList<>();
    List<Matrix> W = new ArrayList<>();
    for (int[] shape : shapes(trial.size())) {
      d.add(trial.random(shape[0], shape[1]));
      g.add(trial.random(shape[0], shape[1]));
      boolean read = mu != 0;
      m.add(read ? trial.random(shape[0], shape[1]) : Host.filled(shape[0], shape[1], Float.NaN));
      w.add(trial.random(shape[0], shape[1]));
      spoil(d, g, w);
      D.add(trial.input(d.get(d.size() - 1)));
      G.add(trial.input(g.get(g.size() - 1)));
      averages.add(trial.input(m.get(m.size() - 1)));
      W.add(trial.input(w.get(w.size() - 1)));
    }
    int layers = d.size();
    List<Matrix> M = kind == Kind.NO_AVERAGE ? null : averages;
    Matrix decay = trial.input(Host.row(mu));
    LayerMeasures measures = new LayerMeasures(trial.device());
    long scratch = trial.ints(new int[LayerMeasures.scratchFloats(D)]).pointer();
    List<Matrix> out = new ArrayList<>();
    List<Host> batch = new ArrayList<>();
    Part part = kind == Kind.TAKING ? part(trial, batch) : null;
    for (int k = 0; k < LAUNCHES; k++) {
      Matrix to = trial.output(1, LayerMeasures.MEASURES * layers);
      out.add(to);
      long muPointer = M == null ? 0 : decay.pointer();
      trial.launch(s -> measures.measure(s, D, G, M, W, muPointer, scratch, part, to.pointer()));
    }
    for (int k = 0; k < batch.size(); k++) {
      Host rows = batch.get(k);
      int[] taken = SubsampleCase.rows(BATCH);
      trial.check(
          "part " + k,
          part.to().get(k),
          (i, j) -> Wanted.exactly(rows.get(taken[i % taken.length], j)));
    }
    Host got = trial.download(out.get(0));
    for (Matrix later : out) {
      trial.check("later launches", later, (i, j) -> Wanted.exactly(got.get(0, j)));
    }
    if (kind == Kind.NON_FINITE) {
      Host finite = Host.of(1, 12, (i, j) -> Float.isFinite(got.get(0, j)) ? 1 : 0);
      Host wanted = Host.row(1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1);
      trial.check("finite?", finite, (i, j) -> Wanted.exactly(wanted.get(0, j)));
      return;
    }
    trial.check(
        "measures",
        got,
        (i, j) -> {
          int l = j % layers;
          return switch (j / layers) {
            case 0 -> sum(d.get(l), (r, c) -> Wanted.exactly(g.get(l).at(r, c)));
            case 1 -> sum(d.get(l), (r, c) -> Wanted.exactly(d.get(l).at(r, c)));
            case 2 -> sum(d.get(l), (r, c) -> past(mu, m.get(l), g.get(l), r, c));
            default -> sum(w.get(l), (r, c) -> Wanted.exactly(w.get(l).at(r, c)));
          };
        });
    if (mu == 0) {
      trial.check(
          "p without an average",
          got,
          (i, j) -> Wanted.exactly(j / layers == 2 ? -got.get(0, j - 2 * layers) : got.get(0, j)));
    }
  }

  /** Matrices of a batch, of which the k-th is copied 1 + k times. */
  private static Part part(Trial trial, List<Host> batch) {
    int n = SubsampleCase.rows(BATCH).length;
    List<Matrix> from = new ArrayList<>();
    List<Matrix> to = new ArrayList<>();
    for (int k = 0; k < WIDTHS.length; k++) {
      batch.add(trial.random(BATCH, WIDTHS[k]));
      from.add(trial.input(batch.get(k)));
      to.add(trial.output((1 + k) * n, WIDTHS[k]));
    }
    return new Part(BATCH, n, from, to);
  }

  /** One operand of one layer each: weights, a direction, a gradient. */
  private void spoil(List<Host> d, List<Host> g, List<Host> w) {
    int l = d.size() - 1;
    Host last = d.get(l);
    if (kind == Kind.NON_FINITE && l == 0) {
      w.get(0).set(0, 0, Float.NaN);
    }
    if (kind == Kind.NON_FINITE && l == 1) {
      last.set(last.rows() - 1, last.columns() / 2, Float.NEGATIVE_INFINITY);
    }
    if (kind == Kind.NON_FINITE && l == 2) {
      g.get(2).set(0, last.columns() - 1, Float.NaN);
    }
  }

  private static Wanted past(float mu, Host m, Host g, int i, int j) {
    Wanted average = GradientAverageCase.average(mu, m, g, i, j);
    return new Wanted(-average.value(), average.bound());
  }

  /**
   * The inner product of a matrix and factors that have errors of their own. A lane adds up to 32
   * elements in turn; trees of 5 + 8 twice, a compensated fold.
   */
  static Wanted sum(Host a, Wanted.Reference factors) {
    double sum = 0;
    double bound = 0;
    for (int i = 0; i < a.rows(); i++) {
      for (int j = 0; j < a.columns(); j++) {
        Wanted factor = factors.at(i, j);
        double term = a.at(i, j) * factor.value();
        sum += term;
        bound += (32 + 13 + 13 + 4) * Wanted.EPSILON * Math.abs(term);
        bound += Math.abs(a.at(i, j)) * factor.bound();
      }
    }
    return new Wanted(sum, bound + Wanted.TINY);
  }
}
