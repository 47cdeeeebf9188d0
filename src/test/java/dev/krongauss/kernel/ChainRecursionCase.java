package dev.krongauss.kernel;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.tile.Tile;
import java.util.ArrayList;
import java.util.List;

/**
 * P = G W and G = (Wᵀ P) ∘ S: of G above only the lower triangle is given, or the diagonal of a
 * diagonal one.
 */
final class ChainRecursionCase extends ChainCase {
  private final boolean diagonal;

  ChainRecursionCase(Tile tile, boolean diagonal) {
    super(tile, "recursion", diagonal ? "-diagonal" : "");
    this.diagonal = diagonal;
  }

  @Override
  public Work work(Size s) {
    int[] w = widths(s);
    double flops = 0;
    double floats = 0;
    for (int l = 1; l < w.length; l++) {
      double o = w[l];
      double i = w[l - 1];
      boolean full = !diagonal || l < w.length - 1;
      flops += (full ? 2 * o * o * i : o * i) + o * i * i;
      floats += (full ? o * o / 2 : o) + 2 * o * i + 2 * i * i;
    }
    return new Work(flops, 4 * floats);
  }

  @Override
  public void run(Trial t) {
    int[] w = widths(t);
    List<Host> W = new ArrayList<>();
    List<Host> S = new ArrayList<>();
    List<Link.Recursion> links = new ArrayList<>();
    Matrix G = t.input(diagonal ? t.random(1, w[3]) : Reference.lowerOnly(t.random(w[3], w[3])));
    for (int l = 3; l > 0; l--) {
      int o = w[l];
      int i = w[l - 1];
      W.add(t.random(o, i + 1));
      S.add(Reference.lowerOnly(t.random(i, i)));
      Matrix weights = t.input(W.get(3 - l));
      Matrix below = t.output(i, i);
      links.add(new Link.Recursion(G, weights, t.input(S.get(3 - l)), t.output(o, i), below));
      G = below;
    }
    try (Arena arena = t.device().newArena("chain")) {
      Chain chain = chain(t, arena);
      t.launch(s -> chain.recursion(s, links));
    }
    for (int k = 0; k < links.size(); k++) {
      check(t, links.get(k), W.get(k), S.get(k));
    }
  }

  private void check(Trial t, Link.Recursion link, Host W, Host S) {
    Host G = t.download(link.G());
    Host P = t.download(link.product());
    int o = P.rows();
    t.check(
        "P",
        P,
        (r, c) -> {
          if (G.rows() == 1 && o > 1) {
            double scaled = G.at(0, r) * W.at(r, c);
            return Wanted.within(scaled, 2, Math.abs(scaled));
          }
          Reference.Sum sum =
              Reference.Sum.of(o, k -> G.at(Math.max(r, k), Math.min(r, k)) * W.at(k, c));
          return Wanted.within(sum.value(), roundings(o) + 1, sum.magnitude());
        });
    t.check(
        "G",
        link.below(),
        (x, y) -> {
          int r = Math.max(x, y);
          int c = Math.min(x, y);
          Reference.Sum sum = Reference.Sum.of(o, k -> W.at(k, r) * P.at(k, c)).times(S.at(r, c));
          return Wanted.within(sum.value(), roundings(o) + 1, sum.magnitude());
        });
  }
}
