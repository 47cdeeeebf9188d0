package dev.krongauss.kernel;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Past;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tile.Tiles;
import dev.krongauss.kernel.tuning.TileChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code gram.cu}: S = keep S + alpha (1 - beta) XᵀX of two layers, both halves. */
final class GramCase extends KernelCase {
  private static final int LAYERS = 2;

  /** M and d; 512 and more rows go in slices of at least 256 here. */
  private static final int[][] SIZES = {
    {1, 1},
    {15, 63},
    {16, 64},
    {17, 65},
    {101, 131},
    {512, 64},
    {511, 3},
    {771, 67},
    {1543, 5},
    {37, 200}
  };

  private static final int SHORT = 6;

  private final Tile tile;
  private final String variant;
  private final float alpha;
  private final float beta;
  private final boolean adds;

  /** Batches in each layer's average; null for a weight of its own. */
  private final int[] batches;

  /** The device int that makes beta 0 where it is positive; null for none. */
  private final Integer restart;

  private GramCase(
      Tile tile,
      String variant,
      float alpha,
      float beta,
      boolean adds,
      int[] batches,
      Integer restart) {
    this.tile = tile;
    this.variant = variant;
    this.alpha = alpha;
    this.beta = beta;
    this.adds = adds;
    this.batches = batches;
    this.restart = restart;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Tile tile : List.of(Tile.FFMA, Tile.TF32X3_64, Tile.TF32_64)) {
      cases.add(new GramCase(tile, "moving-average", 0.1f, 0.6f, false, null, 0));
      if (tile != Tile.TF32_64) {
        cases.add(new GramCase(tile, "fresh", 0.25f, 0, false, null, null));
        cases.add(new GramCase(tile, "further", 0.1f, 0.6f, true, null, null));
      }
    }
    cases.add(new GramCase(Tile.FFMA, "restart", 0.1f, 0.6f, false, null, 3));
    cases.add(new GramCase(Tile.FFMA, "further-restart", 0.1f, 0.6f, true, null, 1));
    cases.add(new GramCase(Tile.FFMA, "first-batches", 0.1f, 0.9f, false, new int[] {0, 2}, null));
    cases.add(new GramCase(Tile.FFMA, "later-batches", 0.1f, 0.6f, false, new int[] {6, 1}, 0));
    cases.add(new GramCase(Tile.FFMA, "counted-restart", 0.1f, 0.6f, false, new int[] {6, 1}, 2));
    cases.add(new GramCase(Tile.FFMA, "further-counted", 0.1f, 0.9f, true, new int[] {1, 3}, 0));
    return cases;
  }

  @Override
  public String name() {
    return "gram/" + variant + tile.variant();
  }

  @Override
  public List<Size> sizes() {
    // What else S holds has nothing to do with the rows: the variants for that are short.
    boolean rows = !adds && !restarts() && tile == Tile.FFMA;
    if (Boolean.getBoolean("krongauss.long")) {
      return List.of(Size.of("M", rows ? 100_000 : 3000, "d", 70));
    }
    List<Size> sizes = new ArrayList<>();
    for (int[] size : rows ? SIZES : Arrays.copyOf(SIZES, SHORT)) {
      sizes.add(Size.of("M", size[0], "d", size[1]));
    }
    return sizes;
  }

  @Override
  public Work work(Size s) {
    double M = s.get("M");
    double flops = 0;
    double floats = 0;
    for (int l = 0; l < LAYERS; l++) {
      double d = s.get("d") + l;
      flops += M * d * (d + 1);
      floats += M * d + (forgets(l) ? 1 : 1.5) * d * d;
    }
    return new Work(flops, 4 * floats);
  }

  /** Whether S is not read. */
  private boolean forgets(int layer) {
    return !adds && past(layer, 0) == 0;
  }

  /** The past's weight in a launch, of which every rounding is the kernel's. */
  private float past(int layer, int launch) {
    if (restarts()) {
      return 0;
    }
    return batches == null ? beta : Math.min(1 - 1f / counted(layer, launch), beta);
  }

  /** Batches of a layer, that of the launch included; a further chunk counts no batch. */
  private int counted(int layer, int launch) {
    return batches[layer] + (adds ? 0 : 1 + launch);
  }

  private boolean restarts() {
    return restart != null && restart > 0;
  }

  /** Two launches with one workspace and one counter, as replays of a graph share them. */
  @Override
  public void run(Trial t) {
    int M = t.size("M");
    List<Host> X = new ArrayList<>();
    List<List<Host>> S = List.of(new ArrayList<>(), new ArrayList<>());
    List<List<Gram.Item>> items = List.of(new ArrayList<>(), new ArrayList<>());
    List<Buffer> counts = new ArrayList<>();
    int tiles = 0;
    for (int l = 0; l < LAYERS; l++) {
      int d = t.size("d") + l;
      X.add(t.random(M, d));
      Matrix x = t.input(X.get(l));
      // What is forgotten must not matter, not even if it is NaN.
      Host old = forgets(l) ? Host.filled(d, d, Float.NaN) : Reference.lowerOnly(t.random(d, d));
      Host oldAgain = batches == null ? old : Reference.lowerOnly(t.random(d, d));
      counts.add(t.ints(batches == null ? 0 : batches[l], 0));
      Past past = batches == null ? Past.always(beta) : new Past(beta, counts.get(l).pointer());
      S.get(0).add(old);
      S.get(1).add(oldAgain);
      items.get(0).add(new Gram.Item(x, alpha, past, adds, t.inOut(old)));
      items.get(1).add(new Gram.Item(x, alpha, past, adds, t.inOut(oldAgain)));
      tiles += Tiles.tiles(d) * (Tiles.tiles(d) + 1) / 2;
    }
    long flag = restart == null ? 0 : t.ints(restart).pointer();
    Gram gram = new Gram(t.device(), TileChoice.always(tile));
    try (Arena arena = t.device().newArena("Gram workspace")) {
      Gram.Workspace workspace = new Gram.Workspace(arena, t.size("d"), t.size("d") + 1);
      for (int launch = 0; launch < 2; launch++) {
        List<Gram.Item> now = items.get(launch);
        t.launch(s -> gram.accumulate(s, now, flag, workspace));
        for (int l = 0; l < LAYERS; l++) {
          int count = batches == null ? 0 : counted(l, launch);
          t.checkInts("batches of layer " + l, counts.get(l), count, 0);
          check(t, launch, l, now.get(l).S(), X.get(l), S.get(launch).get(l), Gram.rows(M, tiles));
        }
      }
      for (int l = 0; batches == null && l < LAYERS; l++) {
        Host first = t.download(items.get(0).get(l).S());
        t.check(
            "the second launch",
            items.get(1).get(l).S(),
            (i, j) -> Wanted.exactly(first.get(i, j)));
      }
    }
  }

  private void check(Trial t, int launch, int layer, Matrix S, Host X, Host before, int rows) {
    Host got = t.download(S);
    t.check("S of layer " + layer, got, wanted(X, before, past(layer, launch), rows));
    t.check("its transpose", got, (i, j) -> Wanted.exactly(got.get(j, i)));
  }

  /**
   * The chain over a slice and that over the slices; 1 - beta, its product with alpha, theirs with
   * the sum, and the last addition.
   */
  private Wanted.Reference wanted(Host X, Host S, double past, int rows) {
    int M = X.rows();
    double keep = adds ? 1 : past;
    double roundings = TileBounds.roundings(tile, Math.min(M, rows)) + Tiles.up(M, rows) + 4;
    return (i, j) -> {
      Reference.Sum sum =
          Reference.Sum.of(M, m -> X.at(m, i) * X.at(m, j)).times(alpha * (1 - past));
      double old = keep == 0 ? 0 : keep * S.at(Math.max(i, j), Math.min(i, j));
      double error = roundings * sum.magnitude() + 2 * Math.abs(old);
      return Wanted.within(sum.value() + old, 1, error);
    };
  }
}
