package dev.krongauss.kernel;

import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import java.util.ArrayList;
import java.util.List;

/** {@code gradient.cu}: gradients of two layers in one launch, with and without the L2 term. */
final class GradientCase extends KernelCase {
  private static final float BETA = 0.3f;
  private final Tile tile;
  private final boolean decays;

  private GradientCase(Tile tile, boolean decays) {
    this.tile = tile;
    this.decays = decays;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Tile tile : List.of(Tile.FFMA, Tile.TF32X3_64, Tile.TF32X3_128X64, Tile.TF32X3_128)) {
      cases.add(new GradientCase(tile, true));
      cases.add(new GradientCase(tile, false));
    }
    return cases;
  }

  @Override
  public String name() {
    return "gradient/" + (decays ? "l2" : "plain") + tile.variant();
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("N", 1, "o", 1, "i", 1),
        Size.of("N", 17, "o", 63, "i", 65),
        Size.of("N", 64, "o", 65, "i", 31),
        Size.of("N", 33, "o", 127, "i", 129),
        Size.of("N", 257, "o", 70, "i", 130));
  }

  @Override
  public Work work(Size s) {
    double flops = 0;
    double floats = 0;
    for (int l = 0; l < 2; l++) {
      double N = s.get("N");
      double o = s.get("o") + 3 * l;
      double i = s.get("i") + 2 * l;
      flops += 2 * N * o * i;
      floats += N * (o + i) + (decays ? 2 : 1) * o * i;
    }
    return new Work(flops, 4 * floats);
  }

  /** A sum of N products; a rounding for alpha, and one for beta W with the addition. */
  @Override
  public void run(Trial t) {
    int N = t.size("N");
    List<Host> deltas = new ArrayList<>();
    List<Host> activations = new ArrayList<>();
    List<Host> weights = new ArrayList<>();
    List<Matrix> delta = new ArrayList<>();
    List<Matrix> a = new ArrayList<>();
    List<Matrix> W = new ArrayList<>();
    List<Matrix> g = new ArrayList<>();
    for (int l = 0; l < 2; l++) {
      int o = t.size("o") + 3 * l;
      int i = t.size("i") + 2 * l;
      deltas.add(t.random(N, o));
      activations.add(t.random(N, i));
      weights.add(decays ? t.random(o, i) : Host.filled(o, i, Float.NaN)); // not to be read
      delta.add(t.input(deltas.get(l)));
      a.add(t.input(activations.get(l)));
      W.add(t.input(weights.get(l)));
      g.add(t.output(o, i));
    }
    float alpha = 1f / N;
    float beta = decays ? BETA : 0;
    Gradient gradient = new Gradient(t.device(), TileChoice.always(tile));
    t.launch(s -> gradient.all(s, delta, a, alpha, beta, W, g));
    for (int l = 0; l < 2; l++) {
      Host d = deltas.get(l);
      Host x = activations.get(l);
      Host w = weights.get(l);
      t.check(
          "g of layer " + l,
          g.get(l),
          (r, c) -> {
            Reference.Sum sum = Reference.Sum.of(N, n -> d.at(n, r) * x.at(n, c)).times(alpha);
            double decay = decays ? beta * w.at(r, c) : 0;
            return Wanted.within(
                sum.value() + decay,
                TileBounds.roundings(tile, N) + 2,
                sum.magnitude() + Math.abs(decay));
          });
    }
  }
}
