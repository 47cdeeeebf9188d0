package dev.krongauss.kernel.operations;

import static dev.krongauss.kernel.tuning.TileChoice.widest;

import dev.krongauss.device.Device;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Chain;
import dev.krongauss.kernel.Matmul;
import dev.krongauss.kernel.Solve;
import dev.krongauss.kernel.Tangents;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Passes through all layers in launches of their own, one for each product ({@code
 * kernels/matmul.cu}, {@code kernels/tangents.cu}, {@code kernels/solve.cu}): {@code
 * -Dkrongauss.chain=off}. No block waits for another here.
 *
 * <p>All layers have the tile that {@link Chain} would take, so each element is the same sum in the
 * same order: results are those of one launch bit for bit, and times differ by the launches alone.
 */
final class Singles {
  /** The launchers of one tile. */
  private record Launchers(Matmul matmul, Solve solve, Tangents tangents) {}

  private final Device device;
  private final TileChoice choice;
  private final Map<Tile, Launchers> launchers = new EnumMap<>(Tile.class);

  Singles(Device device, TileChoice choice) {
    this.device = device;
    this.choice = choice;
  }

  /** All layers forwards, the first one first. */
  void forward(Stream s, List<Link.Forward> links) {
    Matmul matmul =
        of(choice.small(widest(links.size(), l -> links.get(l).W().columns()))).matmul();
    for (Link.Forward l : links) {
      matmul.forward(s, l.input(), l.W(), l.f(), l.slope(), l.output(), l.derivative());
    }
  }

  /** A gradient backwards, the last layer first. */
  void backward(Stream s, List<Link.Backward> links) {
    Matmul matmul = of(choice.small(widest(links.size(), l -> links.get(l).W().rows()))).matmul();
    for (Link.Backward l : links) {
      matmul.backward(s, l.delta(), l.W(), l.derivative(), l.below());
    }
  }

  /** A tangent forwards, the first layer first. */
  void tangent(Stream s, List<Link.Tangent> links) {
    Matmul matmul =
        of(choice.small(widest(links.size(), l -> links.get(l).D().columns()))).matmul();
    for (Link.Tangent l : links) {
      matmul.tangent(s, l.input(), l.D(), l.tangent(), l.W(), l.derivative(), l.out());
    }
  }

  /** The tangents of all layers' directions forwards, the first layer first. */
  void tangents(Stream s, List<Link.Tangents> links) {
    Tangents tangents =
        of(choice.small(widest(links.size(), l -> links.get(l).D().columns()))).tangents();
    for (Link.Tangents l : links) {
      tangents.layer(s, l);
    }
  }

  /** Averaged curvature backwards, the last layer first; two launches a layer. */
  void recursion(Stream s, List<Link.Recursion> links) {
    Launchers with =
        of(choice.smallStatistic(widest(links.size(), l -> links.get(l).product().rows())));
    for (Link.Recursion l : links) {
      with.solve().leftStatistic(s, l.G(), l.W(), l.product());
      with.matmul().recursion(s, l.product(), l.W(), l.moment(), l.below());
    }
  }

  private Launchers of(Tile tile) {
    return launchers.computeIfAbsent(
        tile,
        t -> {
          TileChoice always = TileChoice.always(t);
          return new Launchers(
              new Matmul(device, always), new Solve(device, always), new Tangents(device, always));
        });
  }
}
