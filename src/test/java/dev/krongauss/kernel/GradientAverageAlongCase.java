package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The average in the memory of the directions before, and their products with the gradients; three
 * times with the same scratch, which gives the same bits.
 */
final class GradientAverageAlongCase extends KernelCase {
  private static final int LAUNCHES = 3;

  private final Kind kind;

  private enum Kind {
    ALONG,
    ALONG_FIRST,
    ALONG_MANY,
    /** The last directions are not finite: that is no reason for the average not to be. */
    ALONG_NON_FINITE
  }

  private GradientAverageAlongCase(Kind kind) {
    this.kind = kind;
  }

  static List<KernelCase> all() {
    return List.of(Kind.values()).stream().<KernelCase>map(GradientAverageAlongCase::new).toList();
  }

  @Override
  public String name() {
    return "gradient_average/" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public List<Size> sizes() {
    return LayerShapes.sizesOfSums(kind == Kind.ALONG_MANY);
  }

  private List<int[]> shapes(Size size) {
    return LayerShapes.ofSums(size, kind == Kind.ALONG_MANY);
  }

  @Override
  public Work work(Size size) {
    double elements = 0;
    for (int[] shape : shapes(size)) {
      elements += (double) shape[0] * shape[1];
    }
    boolean reads = kind != Kind.ALONG_FIRST;
    return new Work(LAUNCHES * (reads ? 5 : 2) * elements, LAUNCHES * (reads ? 16 : 12) * elements);
  }

  @Override
  public void run(Trial trial) {
    float mu = kind == Kind.ALONG_FIRST ? 0 : 0.7f;
    List<Host> m = new ArrayList<>();
    List<Host> g = new ArrayList<>();
    List<Host> d = new ArrayList<>();
    List<Matrix> M = new ArrayList<>();
    List<Matrix> G = new ArrayList<>();
    for (int[] shape : shapes(trial.size())) {
      boolean read = mu != 0;
      m.add(read ? trial.random(shape[0], shape[1]) : Host.filled(shape[0], shape[1], Float.NaN));
      g.add(trial.random(shape[0], shape[1]));
      d.add(trial.random(shape[0], shape[1]));
      M.add(trial.input(m.get(m.size() - 1)));
      G.add(trial.input(g.get(g.size() - 1)));
    }
    if (kind == Kind.ALONG_NON_FINITE) {
      d.get(1).set(d.get(1).rows() - 1, d.get(1).columns() / 2, Float.NaN);
      d.get(2).set(0, d.get(2).columns() - 1, Float.NEGATIVE_INFINITY);
    }
    int layers = d.size();
    Matrix decay = trial.input(Host.row(mu));
    GradientAverage average = new GradientAverage(trial.device());
    long scratch = trial.ints(new int[GradientAverage.scratchFloats(M)]).pointer();
    List<List<Matrix>> D = new ArrayList<>();
    List<Matrix> products = new ArrayList<>();
    for (int k = 0; k < LAUNCHES; k++) {
      List<Matrix> before = d.stream().map(trial::inOut).toList();
      Matrix to = trial.output(1, layers);
      D.add(before);
      products.add(to);
      trial.launch(
          s -> average.applyAlong(s, M, G, decay.pointer(), before, scratch, to.pointer()));
    }
    Host got = trial.download(products.get(0));
    for (int k = 0; k < LAUNCHES; k++) {
      trial.check("products of a launch", products.get(k), (i, l) -> Wanted.exactly(got.get(0, l)));
      for (int l = 0; l < layers; l++) {
        Host past = m.get(l);
        Host gradient = g.get(l);
        trial.check(
            "average " + l,
            D.get(k).get(l),
            (i, j) -> GradientAverageCase.average(mu, past, gradient, i, j));
      }
    }
    if (kind == Kind.ALONG_NON_FINITE) {
      Host finite = Host.of(1, layers, (i, l) -> Float.isFinite(got.get(0, l)) ? 1 : 0);
      trial.check("finite?", finite, (i, l) -> Wanted.exactly(l == 0 ? 1 : 0));
      return;
    }
    trial.check(
        "products",
        got,
        (i, l) -> LayerMeasuresCase.sum(d.get(l), (r, c) -> Wanted.exactly(g.get(l).at(r, c))));
  }
}
