package dev.krongauss.kernel;

import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code tangents.cu}: one layer with the chunks of {@code below} layers below it; the output layer
 * has no derivative, the first layer nothing below it.
 */
final class TangentsCase extends KernelCase {
  private final Tile tile;
  private final boolean hidden;

  private TangentsCase(Tile tile, boolean hidden) {
    this.tile = tile;
    this.hidden = hidden;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Tile tile : List.of(Tile.FFMA, Tile.TF32X3_64, Tile.TF32_64)) {
      cases.add(new TangentsCase(tile, true));
      cases.add(new TangentsCase(tile, false));
    }
    return cases;
  }

  @Override
  public String name() {
    return "tangents/" + (hidden ? "layer" : "output-layer") + tile.variant();
  }

  /** Chunks that end within tiles, at their edges, and in tiles of several chunks. */
  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("n", 1, "o", 1, "i", 1, "below", 1),
        Size.of("n", 64, "o", 65, "i", 15, "below", 0),
        Size.of("n", 64, "o", 64, "i", 16, "below", 2),
        Size.of("n", 7, "o", 63, "i", 1, "below", 11),
        Size.of("n", 65, "o", 1, "i", 33, "below", 1),
        Size.of("n", 43, "o", 131, "i", 101, "below", 3));
  }

  /** The widest and the last layer of the paper's autoencoder, for 64 of its datapoints. */
  @Override
  public List<Size> benchSizes() {
    return List.of(
        Size.of("n", 64, "o", 1000, "i", 784, "below", 0),
        Size.of("n", 64, "o", 1000, "i", 500, "below", 6),
        Size.of("n", 64, "o", 784, "i", 1000, "below", 7));
  }

  @Override
  public Work work(Size s) {
    double n = s.get("n");
    double o = s.get("o");
    double i = s.get("i");
    double below = s.get("below");
    double flops = 2 * n * o * (below * i + i + 1);
    double operands = o * (i + 1) + (below > 0 ? o * i : 0) + n * (below * i + i + 1);
    return new Work(flops, 4 * (operands + (hidden ? n * o : 0) + (below + 1) * n * o));
  }

  @Override
  public void run(Trial t) {
    int n = t.size("n");
    int o = t.size("o");
    int i = t.size("i");
    int below = t.size("below");
    Host a = t.random(n, i + 1);
    Host D = t.random(o, i + 1);
    Host W = t.random(o, i + 1);
    Host b = t.random(n, o);
    Host u = below == 0 ? null : t.random(below * n, i);
    Link.Tangents link =
        new Link.Tangents(
            t.input(a),
            t.input(D),
            u == null ? null : t.input(u),
            t.input(W),
            hidden ? t.input(b) : null,
            t.output((below + 1) * n, o));
    Tangents tangents = new Tangents(t.device(), TileChoice.always(tile));
    t.launch(s -> tangents.layer(s, link));
    check(t, tile, link, new Operands(a, D, u, W, hidden ? b : null));
  }

  /** What a link reads; u and b may be null. */
  record Operands(Host a, Host D, Host u, Host W, Host b) {}

  /**
   * Each element is a sum of i products, of i + 1 in the last chunk, and one rounding for the
   * derivative.
   */
  static void check(Trial t, Tile tile, Link.Tangents link, Operands x) {
    int n = x.a().rows();
    int i = x.a().columns() - 1;
    int below = link.below();
    t.check(
        "out",
        link.out(),
        (r, c) -> {
          int K = r < below ? i : i + 1;
          Reference.Sum sum =
              r < below
                  ? Reference.Sum.of(K, k -> x.u().at(r, k) * x.W().at(c, k))
                  : Reference.Sum.of(K, k -> x.a().at(r - below, k) * x.D().at(c, k));
          if (x.b() != null) {
            sum = sum.times(x.b().at(r % n, c));
          }
          return Wanted.within(sum.value(), TileBounds.roundings(tile, K) + 1, sum.magnitude());
        });
  }
}
