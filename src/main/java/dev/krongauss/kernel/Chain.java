package dev.krongauss.kernel;

import static dev.krongauss.kernel.tile.Tiles.aligned;
import static dev.krongauss.kernel.tile.Tiles.alignedOrNull;
import static dev.krongauss.kernel.tile.Tiles.whole;
import static dev.krongauss.kernel.tuning.TileChoice.widest;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import dev.krongauss.kernel.tuning.Tuning;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * Passes through all layers in one launch each ({@code kernels/chain.cu}); each link reads what the
 * one before has written.
 *
 * <p>Launches of one object share counters in device memory: they follow one another on a stream or
 * through events, as replays of a graph do.
 */
public final class Chain {
  private final Device device;
  private final TileChoice choice;
  private final Buffer control;
  private final Map<String, Function> functions = new HashMap<>();
  private final long residentBlocks;
  private int mostBlocks = Integer.MAX_VALUE;

  /**
   * Takes its counters from {@code arena} and loads the kernels.
   *
   * @throws IllegalArgumentException if {@code krongauss.tile} or {@code krongauss.curvature} has
   *     an unknown value
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Chain(Device device, Arena arena) {
    this(device, arena, new TileChoice(device));
  }

  Chain(Device device, Arena arena, TileChoice choice) {
    this.device = device;
    this.choice = choice;
    this.residentBlocks = (long) Tuning.of(device).chainBlocks() * device.multiprocessors();
    this.control = arena.ints(2 + Groups.MOST, "counters of a chain");
    load(choice.allSmall(), "forward", "backward", "tangent");
    load(choice.allSmallStatistics(), "recursion");
  }

  /** Fewer blocks than the device holds at once, for tests. */
  Chain blocks(int most) {
    mostBlocks = most;
    return this;
  }

  /**
   * All layers forwards, the first one first; one launch for up to 32.
   *
   * @throws IllegalArgumentException if the links have different batches
   */
  public void forward(Stream s, List<Link.Forward> links) {
    int N = sameRows(links.size(), l -> links.get(l).input().rows());
    Tile tile = choice.small(widest(links.size(), l -> links.get(l).W().columns()));
    launch("forward", tile, s, links.size(), new Forward(links, tile, N));
  }

  /**
   * A gradient backwards through layers, the last one first; one launch for up to 32.
   *
   * @throws IllegalArgumentException if the links have different batches
   */
  public void backward(Stream s, List<Link.Backward> links) {
    int N = sameRows(links.size(), l -> links.get(l).delta().rows());
    Tile tile = choice.small(widest(links.size(), l -> links.get(l).W().rows()));
    launch("backward", tile, s, links.size(), new Backward(links, tile, N));
  }

  /**
   * A tangent forwards through all layers, the first one first; one launch for up to 32.
   *
   * @throws IllegalArgumentException if the links have different batches
   */
  public void tangent(Stream s, List<Link.Tangent> links) {
    int N = sameRows(links.size(), l -> links.get(l).input().rows());
    Tile tile = choice.small(widest(links.size(), l -> links.get(l).D().columns()));
    launch("tangent", tile, s, links.size(), new Tangent(links, tile, N));
  }

  /** Averaged curvature backwards through layers, the last one first; one launch for up to 16. */
  public void recursion(Stream s, List<Link.Recursion> links) {
    List<Product> products = new ArrayList<>();
    for (Link.Recursion l : links) {
      int o = l.product().rows();
      int i = l.product().columns();
      products.add(new Product(o, i, l.G(), l.W(), null, l.product()));
      products.add(new Product(o, i, l.W(), l.product(), l.moment(), l.below()));
    }
    Tile tile = choice.smallStatistic(widest(products.size(), l -> products.get(l).o()));
    launch("recursion", tile, s, products.size(), new Recursion(products, tile));
  }

  private void load(Set<Tile> tiles, String... names) {
    for (Tile tile : tiles) {
      for (String name : names) {
        String key = name + tile.suffix();
        functions.put(key, device.function("chain", "chain_f32__" + key));
      }
    }
  }

  private void launch(String name, Tile tile, Stream s, int count, Groups.Kernel table) {
    Groups.launch(functions.get(name + tile.suffix()), tile.threads(), s, count, table);
  }

  /** As many blocks as the device holds at once. */
  private long grid(long blocks) {
    return Math.min(blocks, Math.min(mostBlocks, residentBlocks));
  }

  private static int sameRows(int links, IntUnaryOperator rows) {
    Check.that(links > 0, "a pass through no layer at all");
    int N = rows.applyAsInt(0);
    for (int l = 1; l < links; l++) {
      int found = rows.applyAsInt(l);
      Check.that(found == N, "layer %d has a batch of %d but the first has %d", l, found, N);
    }
    return N;
  }

  private static void pointers(Launch launch, Matrix... matrices) {
    for (Matrix matrix : matrices) {
      launch.pointer(matrix == null ? 0 : matrix.pointer());
    }
  }

  private static void strides(Launch launch, Matrix... matrices) {
    for (Matrix matrix : matrices) {
      launch.i32(matrix == null ? 0 : matrix.stride());
    }
  }

  /** The tables of the kernels: structs of {@code chain.cu}. */
  private abstract class Table<T> implements Groups.Kernel {
    final List<T> links;
    final Tile tile;
    final int N;

    /**
     * @param N datapoints, an argument of the kernel; 0 for one that knows no batch
     */
    Table(List<T> links, Tile tile, int N) {
      this.links = links;
      this.tile = tile;
      this.N = N;
    }

    @Override
    public final long grid(long blocks) {
      return Chain.this.grid(blocks);
    }

    @Override
    public final void others(Launch launch, int first) {
      if (N > 0) {
        launch.i32(N);
      }
      launch.pointer(control.pointer());
    }
  }

  private final class Forward extends Table<Link.Forward> {
    Forward(List<Link.Forward> links, Tile tile, int N) {
      super(links, tile, N);
    }

    @Override
    public int bytes() {
      return 80;
    }

    @Override
    public long blocks(int g) {
      return (long) tile.tiles(N) * tile.tiles(links.get(g).W().rows());
    }

    @Override
    public void members(Launch launch, int g) {
      Link.Forward l = links.get(g);
      int o = l.W().rows();
      launch.i32(o).i32(l.W().columns()).i32(l.f().code());
      pointers(launch, l.input(), l.W(), l.output(), l.derivative());
      strides(launch, l.input(), l.W(), l.output(), l.derivative());
      launch.i32(whole(l.input())).i32(whole(l.W()));
      launch.i32(whole(o, aligned(l.output()) && alignedOrNull(l.derivative()))).f32(l.slope());
    }
  }

  private final class Backward extends Table<Link.Backward> {
    Backward(List<Link.Backward> links, Tile tile, int N) {
      super(links, tile, N);
    }

    @Override
    public int bytes() {
      return 72;
    }

    @Override
    public long blocks(int g) {
      return (long) tile.tiles(N) * tile.tiles(links.get(g).below().columns());
    }

    @Override
    public void members(Launch launch, int g) {
      Link.Backward l = links.get(g);
      int i = l.below().columns();
      launch.i32(l.W().rows()).i32(i);
      launch.i32(whole(i, aligned(l.derivative()) && aligned(l.below())));
      pointers(launch, l.delta(), l.W(), l.derivative(), l.below());
      strides(launch, l.delta(), l.W(), l.derivative(), l.below());
      launch.i32(whole(l.delta())).i32(whole(l.W()));
    }
  }

  private final class Tangent extends Table<Link.Tangent> {
    Tangent(List<Link.Tangent> links, Tile tile, int N) {
      super(links, tile, N);
    }

    @Override
    public int bytes() {
      return 104;
    }

    @Override
    public long blocks(int g) {
      return (long) tile.tiles(N) * tile.tiles(links.get(g).D().rows());
    }

    @Override
    public void members(Launch launch, int g) {
      Link.Tangent l = links.get(g);
      int o = l.D().rows();
      launch.i32(o).i32(l.D().columns() - 1);
      launch.i32(whole(o, alignedOrNull(l.derivative()) && aligned(l.out())));
      pointers(launch, l.input(), l.D(), l.tangent(), l.W(), l.derivative(), l.out());
      strides(launch, l.input(), l.D(), l.tangent(), l.W(), l.derivative(), l.out());
      launch.i32(whole(l.input())).i32(whole(l.D()));
      launch.i32(l.tangent() == null ? 0 : whole(l.tangent())).i32(whole(l.W()));
    }
  }

  /** One of the two links of {@link Link.Recursion}: C = A B, or C = (Aᵀ B) ∘ S. */
  private record Product(int o, int i, Matrix A, Matrix B, Matrix S, Matrix C) {}

  private final class Recursion extends Table<Product> {
    Recursion(List<Product> links, Tile tile) {
      super(links, tile, 0);
    }

    @Override
    public int bytes() {
      return 72;
    }

    @Override
    public long blocks(int g) {
      Product p = links.get(g);
      long across = tile.tiles(p.i());
      return p.S() == null ? across * tile.tiles(p.o()) : across * (across + 1) / 2;
    }

    @Override
    public void members(Launch launch, int g) {
      Product p = links.get(g);
      launch.i32(p.o()).i32(p.i()).i32(whole(p.i(), aligned(p.C()) && alignedOrNull(p.S())));
      pointers(launch, p.A(), p.B(), p.S(), p.C());
      strides(launch, p.A(), p.B(), p.S(), p.C());
      launch.i32(whole(p.A())).i32(whole(p.B()));
    }
  }
}
