package dev.krongauss.kernel;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.tile.Tile;
import java.util.ArrayList;
import java.util.List;

/** T_l = b_l ∘ [T_{l−1} W_lᵀ ; ā_{l−1} D_lᵀ] through three layers: N rows, 2 N, 3 N. */
final class ChainTangentsCase extends ChainCase {
  ChainTangentsCase(Tile tile) {
    super(tile, "tangents");
  }

  /** What an update takes: 64 datapoints. */
  @Override
  public List<Size> benchSizes() {
    return List.of(Size.of("N", 64, "d", 784));
  }

  @Override
  public Work work(Size s) {
    int[] w = widths(s);
    double N = s.get("N");
    double flops = 0;
    double floats = 0;
    for (int l = 1; l < w.length; l++) {
      double o = w[l];
      double i = w[l - 1];
      flops += 2 * N * o * (l * i + 1);
      floats += 2 * o * (i + 1) + N * (l * i + 1) + (l + 1) * N * o;
    }
    return new Work(flops, 4 * floats);
  }

  @Override
  public void run(Trial t) {
    int[] w = widths(t);
    int N = t.size("N");
    List<TangentsCase.Operands> hosts = new ArrayList<>();
    List<Link.Tangents> links = new ArrayList<>();
    Matrix T = null;
    for (int l = 1; l < w.length; l++) {
      Host a = t.random(N, w[l - 1] + 1);
      Host D = t.random(w[l], w[l - 1] + 1);
      Host W = t.random(w[l], w[l - 1] + 1);
      Host b = l + 1 < w.length ? t.random(N, w[l]) : null;
      Matrix derivative = b == null ? null : t.input(b);
      Matrix out = t.output(l * N, w[l]);
      links.add(new Link.Tangents(t.input(a), t.input(D), T, t.input(W), derivative, out));
      hosts.add(new TangentsCase.Operands(a, D, null, W, b));
      T = out;
    }
    try (Arena arena = t.device().newArena("chain")) {
      Chain chain = chain(t, arena);
      t.launch(s -> chain.tangents(s, links));
    }
    for (int l = 0; l < links.size(); l++) {
      Link.Tangents link = links.get(l);
      TangentsCase.Operands x = hosts.get(l);
      Host u = link.tangents() == null ? null : t.download(link.tangents());
      TangentsCase.check(t, tile, link, new TangentsCase.Operands(x.a(), x.D(), u, x.W(), x.b()));
    }
  }
}
