package dev.krongauss.kernel;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.argument.Transfer;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code chain.cu}: each pass through three layers of widths d, d + 3, d / 2 + 1, d + 70. What a
 * link is given is what the link before has left on the device, so its bound is that of one
 * product.
 */
abstract class ChainCase extends KernelCase {
  private static final float SLOPE = 0.125f;
  final Tile tile;
  private final String pass;
  private final String ending;

  ChainCase(Tile tile, String pass) {
    this(tile, pass, "");
  }

  /**
   * @param ending of the name, behind the tile
   */
  ChainCase(Tile tile, String pass, String ending) {
    this.tile = tile;
    this.pass = pass;
    this.ending = ending;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Tile tile : List.of(Tile.FFMA, Tile.TF32X3_64)) {
      cases.add(new Forward(tile));
      cases.add(new Backward(tile));
      cases.add(new Tangent(tile));
      cases.add(new ChainTangentsCase(tile));
      cases.add(new ChainRecursionCase(tile, false));
      cases.add(new ChainRecursionCase(tile, true));
    }
    cases.add(new ChainTangentsCase(Tile.TF32_64));
    cases.add(new ChainRecursionCase(Tile.TF32_64, false));
    cases.add(new ChainRecursionCase(Tile.TF32_64, true));
    return cases;
  }

  @Override
  public String name() {
    return "chain/" + pass + tile.suffix() + ending;
  }

  @Override
  public List<Size> sizes() {
    return List.of(
        Size.of("N", 1, "d", 1),
        Size.of("N", 64, "d", 16),
        Size.of("N", 65, "d", 63),
        Size.of("N", 130, "d", 101),
        Size.of("N", 65, "d", 200)); // two slices of most links
  }

  static int[] widths(Size s) {
    int d = s.get("d");
    return new int[] {d, d + 3, d / 2 + 1, d + 70};
  }

  static int[] widths(Trial t) {
    return widths(Size.of("N", t.size("N"), "d", t.size("d")));
  }

  Chain chain(Trial t, Arena arena) {
    return new Chain(t.device(), arena, TileChoice.always(tile), widths(t));
  }

  double roundings(int K) {
    return TileBounds.roundings(tile, K);
  }

  /** Products [N][o] of i inner terms, as many in each layer as {@code perLayer}. */
  Work products(Size s, int perLayer) {
    int[] w = widths(s);
    double N = s.get("N");
    double flops = 0;
    double floats = 0;
    for (int l = 1; l < w.length; l++) {
      flops += perLayer * 2 * N * w[l] * (w[l - 1] + 1);
      floats += perLayer * (N * w[l - 1] + (double) w[l] * (w[l - 1] + 1)) + 2 * N * w[l];
    }
    return new Work(flops, 4 * floats);
  }

  private static final class Forward extends ChainCase {
    Forward(Tile tile) {
      super(tile, "forward");
    }

    @Override
    public Work work(Size s) {
      return products(s, 1);
    }

    @Override
    public void run(Trial t) {
      int[] w = widths(t);
      int N = t.size("N");
      Transfer[] f = {Transfer.TANH, Transfer.LEAKY_RELU, Transfer.IDENTITY};
      List<Host> W = new ArrayList<>();
      List<Matrix> a = new ArrayList<>(List.of(t.input(t.random(N, w[0] + 1))));
      List<Link.Forward> links = new ArrayList<>();
      for (int l = 1; l < w.length; l++) {
        int o = w[l];
        W.add(t.random(o, w[l - 1] + 1));
        Matrix weights = t.input(W.get(l - 1));
        a.add(t.inOut(Host.of(N, o + 1, (i, j) -> j == o ? 1 : Double.NaN)));
        Matrix b = l < 3 ? t.output(N, o) : null;
        links.add(new Link.Forward(a.get(l - 1), weights, f[l - 1], SLOPE, a.get(l).columns(o), b));
      }
      try (Arena arena = t.device().newArena("chain")) {
        Chain chain = chain(t, arena);
        t.launch(s -> chain.forward(s, links));
      }
      for (int l = 1; l < w.length; l++) {
        int K = w[l - 1] + 1;
        Host x = t.download(a.get(l - 1));
        Host weights = W.get(l - 1);
        TransferReference reference = new TransferReference(f[l - 1], SLOPE);
        Wanted.Reference h =
            (i, j) -> {
              Reference.Sum sum = Reference.Sum.of(K, k -> x.at(i, k) * weights.at(j, k));
              return Wanted.within(sum.value(), roundings(K), sum.magnitude());
            };
        Link.Forward link = links.get(l - 1);
        t.check(
            "output " + l,
            link.output(),
            (i, j) -> reference.value(h.at(i, j).value(), h.at(i, j).bound()));
        if (link.derivative() != null) {
          t.check(
              "derivative " + l,
              link.derivative(),
              (i, j) -> reference.derivative(h.at(i, j).value(), h.at(i, j).bound()));
        }
      }
    }
  }

  private static final class Backward extends ChainCase {
    Backward(Tile tile) {
      super(tile, "backward");
    }

    @Override
    public Work work(Size s) {
      return products(s, 1);
    }

    @Override
    public void run(Trial t) {
      int[] w = widths(t);
      int N = t.size("N");
      List<Host> W = new ArrayList<>();
      List<Host> b = new ArrayList<>();
      List<Link.Backward> links = new ArrayList<>();
      Matrix delta = t.input(t.random(N, w[3]));
      for (int l = 3; l > 0; l--) {
        W.add(t.random(w[l], w[l - 1] + 1));
        b.add(t.random(N, w[l - 1]));
        Matrix below = t.output(N, w[l - 1]);
        links.add(new Link.Backward(delta, t.input(W.get(3 - l)), t.input(b.get(3 - l)), below));
        delta = below;
      }
      try (Arena arena = t.device().newArena("chain")) {
        Chain chain = chain(t, arena);
        t.launch(s -> chain.backward(s, links));
      }
      for (int k = 0; k < links.size(); k++) {
        Host d = t.download(links.get(k).delta());
        Host weights = W.get(k);
        Host factor = b.get(k);
        t.check(
            "delta " + (2 - k),
            links.get(k).below(),
            (r, j) -> {
              Reference.Sum sum =
                  Reference.Sum.of(d.columns(), i -> d.at(r, i) * weights.at(i, j))
                      .times(factor.at(r, j));
              return Wanted.within(sum.value(), roundings(d.columns()) + 1, sum.magnitude());
            });
      }
    }
  }

  private static final class Tangent extends ChainCase {
    Tangent(Tile tile) {
      super(tile, "tangent");
    }

    @Override
    public Work work(Size s) {
      return products(s, 2);
    }

    @Override
    public void run(Trial t) {
      int[] w = widths(t);
      int N = t.size("N");
      List<Host> a = new ArrayList<>();
      List<Host> D = new ArrayList<>();
      List<Host> W = new ArrayList<>();
      List<Host> b = new ArrayList<>();
      List<Link.Tangent> links = new ArrayList<>();
      Matrix u = null;
      for (int l = 0; l < 3; l++) {
        a.add(t.random(N, w[l] + 1));
        D.add(t.random(w[l + 1], w[l] + 1));
        W.add(t.random(w[l + 1], w[l] + 1));
        b.add(t.random(N, w[l + 1]));
        Matrix input = t.input(a.get(l));
        Matrix change = t.input(D.get(l));
        Matrix weights = t.input(W.get(l));
        Matrix derivative = l < 2 ? t.input(b.get(l)) : null;
        Matrix out = t.output(N, w[l + 1]);
        links.add(new Link.Tangent(input, change, u, weights, derivative, out));
        u = out;
      }
      try (Arena arena = t.device().newArena("chain")) {
        Chain chain = chain(t, arena);
        t.launch(s -> chain.tangent(s, links));
      }
      for (int l = 0; l < 3; l++) {
        check(t, links.get(l), a.get(l), D.get(l), W.get(l), b.get(l));
      }
    }

    private void check(Trial t, Link.Tangent link, Host a, Host D, Host W, Host b) {
      Host u = link.tangent() == null ? null : t.download(link.tangent());
      int i = a.columns() - 1;
      t.check(
          "tangent",
          link.out(),
          (r, j) -> {
            Reference.Sum sum = Reference.Sum.of(i + 1, k -> a.at(r, k) * D.at(j, k));
            if (u != null) {
              sum = sum.plus(Reference.Sum.of(i, k -> u.at(r, k) * W.at(j, k)));
            }
            if (link.derivative() != null) {
              sum = sum.times(b.at(r, j));
            }
            return Wanted.within(sum.value(), roundings(2 * i + 1) + 2, sum.magnitude());
          });
    }
  }
}
