package dev.krongauss.kernel;

import static dev.krongauss.kernel.tuning.TileChoice.widest;

import dev.krongauss.device.Arena;
import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.group.LinkTables;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.Chip;
import dev.krongauss.kernel.tuning.TileChoice;
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
  private static final int CONTROL_INTS = 2 + Groups.MOST;

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
    Chip chip = Chip.of(device);
    this.residentBlocks = (long) chip.tuning().chainBlocks() * chip.multiprocessors();
    this.control = arena.ints(CONTROL_INTS, "counters of a chain");
    load(choice.allSmall(), "forward", "backward", "tangent", "tangents");
    load(choice.allSmallStatistics(), "recursion");
  }

  /** Counts the memory of a chain, without a device. */
  public static void count(ArenaSize arena) {
    arena.ints(CONTROL_INTS);
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
    launch("forward", tile, s, links.size(), new LinkTables.Forward(links, tile, N));
  }

  /**
   * A gradient backwards through layers, the last one first; one launch for up to 32.
   *
   * @throws IllegalArgumentException if the links have different batches
   */
  public void backward(Stream s, List<Link.Backward> links) {
    int N = sameRows(links.size(), l -> links.get(l).delta().rows());
    Tile tile = choice.small(widest(links.size(), l -> links.get(l).W().rows()));
    launch("backward", tile, s, links.size(), new LinkTables.Backward(links, tile, N));
  }

  /**
   * A tangent forwards through all layers, the first one first; one launch for up to 32.
   *
   * @throws IllegalArgumentException if the links have different batches
   */
  public void tangent(Stream s, List<Link.Tangent> links) {
    int N = sameRows(links.size(), l -> links.get(l).input().rows());
    Tile tile = choice.small(widest(links.size(), l -> links.get(l).D().columns()));
    launch("tangent", tile, s, links.size(), new LinkTables.Tangent(links, tile, N));
  }

  /**
   * The tangents of all layers' directions forwards through all layers, the first one first; one
   * launch for up to 32.
   *
   * @throws IllegalArgumentException if the links have different batches
   */
  public void tangents(Stream s, List<Link.Tangents> links) {
    int n = sameRows(links.size(), l -> links.get(l).input().rows());
    Tile tile = choice.small(widest(links.size(), l -> links.get(l).D().columns()));
    launch("tangents", tile, s, links.size(), new LinkTables.Tangents(links, tile, n));
  }

  /** Averaged curvature backwards through layers, the last one first; one launch for up to 16. */
  public void recursion(Stream s, List<Link.Recursion> links) {
    List<LinkTables.Product> products = new ArrayList<>();
    for (Link.Recursion l : links) {
      int o = l.product().rows();
      int i = l.product().columns();
      products.add(new LinkTables.Product(o, i, l.G(), l.W(), null, l.product()));
      products.add(new LinkTables.Product(o, i, l.W(), l.product(), l.moment(), l.below()));
    }
    Tile tile = choice.smallStatistic(widest(products.size(), l -> products.get(l).o()));
    launch("recursion", tile, s, products.size(), new LinkTables.Recursion(products, tile));
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
    Function function = functions.get(name + tile.suffix());
    Groups.launch(function, tile.threads(), s, count, new Turns(table));
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

  /** A table whose blocks take turns: as many as the device holds at once, with counters. */
  private final class Turns implements Groups.Kernel {
    private final Groups.Kernel table;

    Turns(Groups.Kernel table) {
      this.table = table;
    }

    @Override
    public int bytes() {
      return table.bytes();
    }

    @Override
    public long blocks(int g) {
      return table.blocks(g);
    }

    @Override
    public void members(Launch launch, int g) {
      table.members(launch, g);
    }

    @Override
    public void others(Launch launch, int first) {
      table.others(launch, first);
      launch.pointer(control.pointer());
    }

    @Override
    public long grid(long blocks) {
      return Math.min(blocks, Math.min(mostBlocks, residentBlocks));
    }
  }
}
