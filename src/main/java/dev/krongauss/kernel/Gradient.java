package dev.krongauss.kernel;

import static dev.krongauss.kernel.tile.Tiles.aligned;
import static dev.krongauss.kernel.tile.Tiles.distinct;
import static dev.krongauss.kernel.tile.Tiles.whole;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import dev.krongauss.kernel.tuning.Variants;
import java.util.List;

/** Gradients of the weights of all layers in one launch ({@code kernels/gradient.cu}). */
public final class Gradient {
  private final TileChoice choice;
  private final Variants kernel;

  /**
   * Loads the kernels.
   *
   * @throws IllegalArgumentException if {@code krongauss.tile} or {@code krongauss.curvature} has
   *     an unknown value
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Gradient(Device device) {
    this(device, new TileChoice(device));
  }

  Gradient(Device device, TileChoice choice) {
    this.choice = choice;
    this.kernel =
        new Variants(
            device,
            choice.all(),
            tile -> new Variants.Name("gradient", "gradient_f32" + tile.variant()));
  }

  /**
   * g = alpha deltaᵀ a + beta W for every layer; one launch for up to 32 layers.
   *
   * @param delta [N][o] of each layer
   * @param a [N][i+1] of each layer, last column 1
   * @param W [o][i+1] of each layer
   * @param beta if 0, W is not read
   * @param g [o][i+1] of each layer
   * @throws IllegalArgumentException if counts or shapes do not fit or a g is an input
   */
  public void all(
      Stream s,
      List<Matrix> delta,
      List<Matrix> a,
      float alpha,
      float beta,
      List<Matrix> W,
      List<Matrix> g) {
    Check.that(
        delta.size() == a.size() && a.size() == W.size() && W.size() == g.size(),
        "%d deltas, %d activations, %d weights and %d gradients; give one of each a layer",
        delta.size(),
        a.size(),
        W.size(),
        g.size());
    int N = delta.get(0).rows();
    for (int l = 0; l < g.size(); l++) {
      int o = delta.get(l).columns();
      int i = a.get(l).columns();
      Check.shape(delta.get(l), N, o, "delta of layer " + l);
      Check.shape(a.get(l), N, i, "a of layer " + l);
      Check.shape(W.get(l), o, i, "W of layer " + l);
      Check.shape(g.get(l), o, i, "g of layer " + l);
      distinct(g.get(l), delta.get(l), "g", "delta");
      distinct(g.get(l), a.get(l), "g", "a");
      distinct(g.get(l), W.get(l), "g", "W");
    }
    Tile tile = choice.of(kernel, each -> tiles(each, g), N);
    Layers layers = new Layers(tile, delta, a, W, g, alpha, beta);
    Groups.launch(kernel.of(tile), tile, s, g.size(), layers);
  }

  private static long tiles(Tile tile, List<Matrix> g) {
    return g.stream().mapToLong(result -> tile.tiles(result.rows(), result.columns())).sum();
  }

  private record Layers(
      Tile tile,
      List<Matrix> delta,
      List<Matrix> a,
      List<Matrix> W,
      List<Matrix> g,
      float alpha,
      float beta)
      implements Groups.Kernel {
    @Override
    public int bytes() {
      return 72;
    }

    @Override
    public long blocks(int l) {
      return tile.tiles(g.get(l).rows(), g.get(l).columns());
    }

    @Override
    public void members(Launch launch, int l) {
      Matrix d = delta.get(l);
      Matrix x = a.get(l);
      Matrix w = W.get(l);
      Matrix result = g.get(l);
      launch.i32(result.rows()).i32(result.columns()).i32(whole(d));
      launch.matrix(d).matrix(x).matrix(w).matrix(result);
      launch.i32(d.stride()).i32(x.stride()).i32(w.stride()).i32(result.stride()).i32(whole(x));
      launch.i32(whole(w.columns(), aligned(w) && aligned(result)));
    }

    @Override
    public void others(Launch launch, int first) {
      launch.i32(delta.get(0).rows()).f32(alpha).f32(beta);
    }
  }
}
