package dev.krongauss.kernel;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code gram.cu}: S = keep S + alpha (1 - beta) XᵀX of two layers, both halves. */
final class GramCase extends KernelCase {
  private static final int LAYERS = 2;

  /** M and d; 512 and more rows go in slices here. */
  private static final int[][] SIZES = {
    {1, 1},
    {15, 63},
    {16, 64},
    {17, 65},
    {101, 131},
    {512, 64},
    {511, 3},
    {1031, 67},
    {3000, 5},
    {500, 200}
  };

  private static final int SHORT = 6;

  private final Tile tile;
  private final String variant;
  private final float alpha;
  private final float beta;
  private final boolean adds;

  /** The device int that makes beta 0 where it is positive; null for none. */
  private final Integer restart;

  private GramCase(
      Tile tile, String variant, float alpha, float beta, boolean adds, Integer restart) {
    this.tile = tile;
    this.variant = variant;
    this.alpha = alpha;
    this.beta = beta;
    this.adds = adds;
    this.restart = restart;
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Tile tile : List.of(Tile.FFMA, Tile.TF32X3_64, Tile.TF32_64)) {
      cases.add(new GramCase(tile, "moving-average", 0.1f, 0.6f, false, 0));
      if (tile != Tile.TF32_64) {
        cases.add(new GramCase(tile, "fresh", 0.25f, 0, false, null));
        cases.add(new GramCase(tile, "further", 0.1f, 0.6f, true, null));
      }
    }
    cases.add(new GramCase(Tile.FFMA, "restart", 0.1f, 0.6f, false, 3));
    cases.add(new GramCase(Tile.FFMA, "further-restart", 0.1f, 0.6f, true, 1));
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
      floats += M * d + (forgets() ? 1 : 1.5) * d * d;
    }
    return new Work(flops, 4 * floats);
  }

  /** Whether S is not read. */
  private boolean forgets() {
    return !adds && (beta == 0 || restarts());
  }

  private boolean restarts() {
    return restart != null && restart > 0;
  }

  /** Two launches with one workspace, as replays of a graph share it. */
  @Override
  public void run(Trial t) {
    int M = t.size("M");
    List<Host> X = new ArrayList<>();
    List<Host> S = new ArrayList<>();
    List<Gram.Item> items = new ArrayList<>();
    List<Gram.Item> again = new ArrayList<>();
    int tiles = 0;
    for (int l = 0; l < LAYERS; l++) {
      int d = t.size("d") + l;
      X.add(t.random(M, d));
      // What is forgotten must not matter, not even if it is NaN.
      S.add(forgets() ? Host.filled(d, d, Float.NaN) : Reference.lowerOnly(t.random(d, d)));
      Matrix x = t.input(X.get(l));
      items.add(new Gram.Item(x, alpha, beta, adds, t.inOut(S.get(l))));
      again.add(new Gram.Item(x, alpha, beta, adds, t.inOut(S.get(l))));
      tiles += Tiles.tiles(d) * (Tiles.tiles(d) + 1) / 2;
    }
    long flag = restart == null ? 0 : t.ints(restart).pointer();
    Gram gram = new Gram(t.device(), TileChoice.always(tile));
    try (Arena arena = t.device().newArena("Gram workspace")) {
      Gram.Workspace workspace = new Gram.Workspace(arena);
      t.launch(s -> gram.accumulate(s, items, flag, workspace));
      t.launch(s -> gram.accumulate(s, again, flag, workspace));
      for (int l = 0; l < LAYERS; l++) {
        Host got = t.download(items.get(l).S());
        t.check("S of layer " + l, got, wanted(X.get(l), S.get(l), Gram.rows(M, tiles)));
        t.check("its transpose", got, (i, j) -> Wanted.exactly(got.get(j, i)));
        t.check("the second launch", again.get(l).S(), (i, j) -> Wanted.exactly(got.get(i, j)));
      }
    }
  }

  /**
   * The chain over a slice and that over the slices; 1 - beta, its product with alpha, theirs with
   * the sum, and the last addition.
   */
  private Wanted.Reference wanted(Host X, Host S, int rows) {
    int M = X.rows();
    double past = restarts() ? 0 : beta;
    double keep = adds ? 1 : past;
    double roundings = TileBounds.roundings(tile, Math.min(M, rows)) + Tiles.up(M, rows) + 4;
    return (i, j) -> {
      Reference.Sum sum =
          Reference.Sum.of(M, m -> X.at(m, i) * X.at(m, j)).times(alpha * (1 - past));
      double old = forgets() ? 0 : keep * S.at(Math.max(i, j), Math.min(i, j));
      double error = roundings * sum.magnitude() + 2 * Math.abs(old);
      return Wanted.within(sum.value() + old, 1, error);
    };
  }
}
