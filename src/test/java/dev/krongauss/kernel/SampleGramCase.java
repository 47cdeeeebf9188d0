package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.List;

/** Products of Grams, element by element, summed over the layers. */
final class SampleGramCase extends KernelCase {
  private static final float SCALE = 0.3f;

  static List<KernelCase> all() {
    return List.of(new SampleGramCase());
  }

  @Override
  public String name() {
    return "sample_gram/layers";
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        size(1, 1, 1, 1, 1),
        size(3, 2, 2, 5, 3),
        size(63, 1, 1, 17, 16),
        size(64, 1, 3, 15, 9),
        size(65, 2, 2, 33, 7),
        size(66, 3, 2, 8, 31),
        size(130, 1, 2, 70, 40));
  }

  private static Size size(int N, int K, int L, int I, int d) {
    return Size.of("N", N, "K", K, "L", L, "I", I, "d", d);
  }

  @Override
  public List<Size> benchSizes() {
    return List.of();
  }

  @Override
  public Work work(Size size) {
    double rows = (double) size.get("N") * size.get("K");
    double flops = 0;
    double floats = rows * (rows + 1) / 2;
    for (int l = 0; l < size.get("L"); l++) {
      int columns = inputs(size, l) + roots(size, l);
      flops += rows * (rows + 1) * (columns + 1);
      floats += (double) size.get("N") * inputs(size, l) + rows * roots(size, l);
    }
    return new Work(flops, 4 * floats);
  }

  @Override
  public void run(Trial t) {
    int N = t.size("N");
    int K = t.size("K");
    List<Host> x = new ArrayList<>();
    List<Host> c = new ArrayList<>();
    List<Matrix> a = new ArrayList<>();
    List<Matrix> C = new ArrayList<>();
    for (int l = 0; l < t.size("L"); l++) {
      x.add(t.random(N, inputs(t.size(), l)));
      c.add(t.random(N * K, roots(t.size(), l)));
      a.add(t.input(x.get(l)));
      C.add(t.input(c.get(l)));
    }
    Matrix M = t.output(N * K, N * K);
    SampleGram gram = new SampleGram(t.device());
    t.launch(s -> gram.gram(s, a, C, SCALE, M));
    t.check("M", M, (r, q) -> q > r ? Wanted.exactly(Double.NaN) : wanted(x, c, N, K, r, q));
  }

  /** Widths differ from layer to layer. */
  private static int inputs(Size size, int layer) {
    return size.get("I") + layer;
  }

  private static int roots(Size size, int layer) {
    return size.get("d") + 2 * layer;
  }

  /** Two chains, their product, the sum over layers, the scale. */
  private static Wanted wanted(List<Host> x, List<Host> c, int N, int K, int r, int q) {
    double sum = 0;
    double absolute = 0;
    int most = 0;
    for (int l = 0; l < x.size(); l++) {
      double[] inputs = inner(x.get(l), r % N, q % N);
      double[] roots = inner(c.get(l), r % N * K + r / N, q % N * K + q / N);
      sum += inputs[0] * roots[0];
      absolute += inputs[1] * roots[1];
      most = Math.max(most, x.get(l).columns() + c.get(l).columns());
    }
    return Wanted.within(SCALE * sum, most + 2 + x.size(), SCALE * absolute);
  }

  private static double[] inner(Host rows, int i, int j) {
    double sum = 0;
    double absolute = 0;
    for (int k = 0; k < rows.columns(); k++) {
      sum += rows.at(i, k) * rows.at(j, k);
      absolute += Math.abs(rows.at(i, k) * rows.at(j, k));
    }
    return new double[] {sum, absolute};
  }
}
