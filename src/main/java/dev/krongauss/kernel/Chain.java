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
import dev.krongauss.kernel.group.LinkSlices;
import dev.krongauss.kernel.group.LinkTables;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tile.Tiles;
import dev.krongauss.kernel.tuning.Chip;
import dev.krongauss.kernel.tuning.Shapes;
import dev.krongauss.kernel.tuning.TileChoice;
import java.util.ArrayList;
import java.util.Arrays;
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
  /** Parts of a link's result with a counter each; {@code kParts} of {@code kernels/chain.cuh}. */
  private static final int PARTS = 16;

  private static final int CONTROL_INTS = 2 + Groups.MOST * PARTS + LinkSlices.MOST_SUMS;

  private final Device device;
  private final TileChoice choice;
  private final Buffer control;
  private final Buffer partials;
  private final Map<String, Function> functions = new HashMap<>();
  private final long residentBlocks;
  private int mostBlocks = Integer.MAX_VALUE;
  private boolean alone;

  /**
   * Takes its counters and sums from {@code arena} and loads the kernels.
   *
   * @param widths of all layers that passes other than forwards and of one tangent go through; 4.5
   *     MiB for each of 192 units or more, at most 16 MiB
   * @throws IllegalArgumentException if {@code krongauss.tile}, {@code krongauss.direction} or
   *     {@code krongauss.curvature} has an unknown value
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Chain(Device device, Arena arena, int... widths) {
    this(device, arena, new TileChoice(device), widths);
  }

  Chain(Device device, Arena arena, TileChoice choice, int... widths) {
    this.device = device;
    this.choice = choice;
    Chip chip = Chip.of(device);
    this.residentBlocks = (long) chip.tuning().chainBlocks() * chip.multiprocessors();
    this.control = arena.ints(CONTROL_INTS, "counters of a chain");
    this.partials = arena.floats(floats(widths), "partial sums of a chain");
    load(choice.allSmall(), "forward", "backward", "tangent");
    load(choice.allSmallTangents(), "tangents");
    load(choice.allSmallRecursions(), "recursion");
  }

  /** Counts the memory of a chain, without a device. */
  public static void count(ArenaSize arena, int... widths) {
    arena.ints(CONTROL_INTS);
    arena.floats(floats(widths));
  }

  /** What slices may leave at most, whatever the batch: two links at least share its places. */
  private static long floats(int... widths) {
    long shared = Arrays.stream(widths).filter(w -> Shapes.linkSlices(w, 1) > 1).count();
    long sums = shared == 0 ? 0 : Shapes.MOST_LINK_TASKS * Math.max(2, shared);
    return Math.max(1, Math.min(LinkSlices.MOST_SUMS, sums) * Tiles.TILE * Tiles.TILE);
  }

  /**
   * From now on a launch for each link, so that no block waits for another; the same bits.
   *
   * @return this
   */
  public Chain alone() {
    alone = true;
    return this;
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
    backward(s, links, 0);
  }

  /**
   * The same of some rows of a batch, each with the bits that it has among all.
   *
   * @param whole rows of the batch; 0 for those of the links
   */
  public void backward(Stream s, List<Link.Backward> links, int whole) {
    int N = sameRows(links.size(), l -> links.get(l).delta().rows());
    inOrder(links.size(), l -> links.get(l).delta().columns(), l -> links.get(l).below().columns());
    Tile tile = choice.small(widest(links.size(), l -> links.get(l).W().rows()));
    launch(
        "backward",
        tile,
        s,
        links.size(),
        new LinkTables.Backward(links, tile, N, Math.max(N, whole)));
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
    tangents(s, links, 0);
  }

  /**
   * The same of some rows of a part of a batch, each with the bits that it has among all.
   *
   * @param whole rows of the part; 0 for those of the links
   */
  public void tangents(Stream s, List<Link.Tangents> links, int whole) {
    int n = sameRows(links.size(), l -> links.get(l).input().rows());
    inOrder(links.size(), l -> links.get(l).below(), l -> links.get(l).out().rows());
    Tile tile = choice.smallTangents(widest(links.size(), l -> links.get(l).D().columns()));
    launch(
        "tangents",
        tile,
        s,
        links.size(),
        new LinkTables.Tangents(links, tile, n, Math.max(n, whole)));
  }

  /**
   * Averaged curvature backwards through layers, the last one first; one launch for up to 16.
   *
   * @throws IllegalArgumentException if a link does not read what the one before has written, or
   *     its product lies where that of the one before may still be read
   */
  public void recursion(Stream s, List<Link.Recursion> links) {
    inOrder(links.size(), l -> links.get(l).G().rows(), l -> links.get(l).below().rows());
    for (int l = 1; l < links.size(); l++) {
      Check.that(
          links.get(l).product().pointer() != links.get(l - 1).product().pointer(),
          "the products of links %d and %d lie in the same memory; give neighbours different ones",
          l - 1,
          l);
    }
    List<LinkTables.Product> products = new ArrayList<>();
    for (Link.Recursion l : links) {
      int o = l.product().rows();
      int i = l.product().columns();
      products.add(new LinkTables.Product(o, i, l.G(), l.W(), null, l.product()));
      products.add(new LinkTables.Product(o, i, l.W(), l.product(), l.moment(), l.below()));
    }
    Tile tile = choice.smallRecursion(widest(products.size(), l -> products.get(l).o()));
    LinkTables.Recursion table = new LinkTables.Recursion(products, tile);
    launch("recursion", tile, s, products.size(), table);
  }

  private void load(Set<Tile> tiles, String... names) {
    for (Tile tile : tiles) {
      for (String name : names) {
        String key = name + tile.suffix();
        functions.put(key, device.function("chain", "chain_f32__" + key));
      }
    }
  }

  private void launch(String name, Tile tile, Stream s, int count, LinkTables.Table<?> table) {
    Function function = functions.get(name + tile.suffix());
    Groups.launch(function, tile.threads(), s, count, new Turns(table));
  }

  /** A task waits for what the link before has written, so that is what it must read. */
  private static void inOrder(int links, IntUnaryOperator reads, IntUnaryOperator writes) {
    for (int l = 1; l < links; l++) {
      int read = reads.applyAsInt(l);
      int written = writes.applyAsInt(l - 1);
      Check.that(
          read == written,
          "layer %d reads %d where the one before has written %d; give the links of a pass in its"
              + " order",
          l,
          read,
          written);
    }
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
    private final LinkTables.Table<?> table;

    Turns(LinkTables.Table<?> table) {
      long bytes = 4L * Tiles.TILE * Tiles.TILE * table.sums();
      Check.that(
          bytes <= partials.bytes(),
          "slices of links leave %d bytes in a workspace of %d; give the chain the widths of all"
              + " layers",
          bytes,
          partials.bytes());
      this.table = table;
    }

    @Override
    public int most() {
      return alone ? 1 : Groups.MOST;
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
      if (table.slices()) {
        launch.pointer(partials.pointer());
      }
    }

    @Override
    public long grid(long blocks) {
      return Math.min(blocks, Math.min(mostBlocks, residentBlocks));
    }
  }
}
