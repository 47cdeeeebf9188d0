package dev.krongauss.kernel.group;

import static dev.krongauss.kernel.tile.Tiles.aligned;
import static dev.krongauss.kernel.tile.Tiles.alignedOrNull;
import static dev.krongauss.kernel.tile.Tiles.strideOf;
import static dev.krongauss.kernel.tile.Tiles.whole;

import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.tile.Tile;
import java.util.List;

/**
 * Links as the kernels read them: the structs of {@code kernels/chain.cu} and {@code
 * kernels/tangents.cuh}.
 *
 * <p>Public for the launchers; no part of the API.
 */
public final class LinkTables {
  private LinkTables() {}

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

  /** What all tables have. */
  public abstract static class Table<T> implements Groups.Kernel {
    final List<T> links;
    final Tile tile;
    final int N;
    final LinkSlices slices;

    /**
     * @param N datapoints, an argument of the kernel; 0 for one that knows no batch
     */
    Table(List<T> links, Tile tile, int N) {
      this.links = links;
      this.tile = tile;
      this.N = N;
      this.slices = new LinkSlices(links.size());
    }

    /** Sums of slices that one launch leaves at most. */
    public final int sums() {
      return slices.sums();
    }

    /** Whether links may be in slices: whether the kernel has an argument for their sums. */
    public boolean slices() {
      return true;
    }

    /** Tiles of the result of link {@code g}. */
    abstract long tiles(int g);

    @Override
    public final void others(Launch launch, int first) {
      if (N > 0) {
        launch.i32(N);
      }
    }
  }

  /** Layers forwards. */
  public static final class Forward extends Table<Link.Forward> {
    /** Links whose batches have {@code N} rows, in tiles of this kind. */
    public Forward(List<Link.Forward> links, Tile tile, int N) {
      super(links, tile, N);
    }

    @Override
    public boolean slices() {
      return false;
    }

    @Override
    public int bytes() {
      return 80;
    }

    @Override
    public long blocks(int g) {
      return tiles(g);
    }

    @Override
    long tiles(int g) {
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

  /** A gradient backwards. */
  public static final class Backward extends Table<Link.Backward> {
    /** Links whose batches have {@code N} rows of {@code whole}, in tiles of this kind. */
    public Backward(List<Link.Backward> links, Tile tile, int N, int whole) {
      super(links, tile, N);
      slices.apart(g -> tiles(g, whole), g -> links.get(g).W().rows());
    }

    @Override
    public int bytes() {
      return 80;
    }

    @Override
    public long blocks(int g) {
      return tiles(g) * slices.slices(g);
    }

    @Override
    long tiles(int g) {
      return tiles(g, N);
    }

    private long tiles(int g, int rows) {
      return (long) tile.tiles(rows) * tile.tiles(links.get(g).below().columns());
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
      slices.member(launch, g);
    }
  }

  /** A tangent forwards. */
  public static final class Tangent extends Table<Link.Tangent> {
    /** Links whose batches have {@code N} rows, in tiles of this kind. */
    public Tangent(List<Link.Tangent> links, Tile tile, int N) {
      super(links, tile, N);
    }

    @Override
    public boolean slices() {
      return false;
    }

    @Override
    public int bytes() {
      return 104;
    }

    @Override
    public long blocks(int g) {
      return tiles(g);
    }

    @Override
    long tiles(int g) {
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

  /** The tangents of all layers' directions forwards. */
  public static final class Tangents extends Table<Link.Tangents> {
    /** Links whose batches have {@code n} rows of {@code whole}, in tiles of this kind. */
    public Tangents(List<Link.Tangents> links, Tile tile, int n, int whole) {
      super(links, tile, n);
      slices.apart(g -> tiles(g, whole), g -> links.get(g).D().columns() - 1);
    }

    /** One layer in {@code kernels/tangents.cu}, which has no slices. */
    public Tangents(Link.Tangents link, Tile tile, int n) {
      super(List.of(link), tile, n);
      slices.apart(this::tiles, g -> 0);
    }

    @Override
    public int bytes() {
      return 120;
    }

    @Override
    public long blocks(int g) {
      return tiles(g) * slices.slices(g);
    }

    @Override
    long tiles(int g) {
      return tiles(g, N);
    }

    private long tiles(int g, int rows) {
      Link.Tangents l = links.get(g);
      int below = Math.multiplyExact(l.below() / N, rows);
      return (long) (tile.tiles(below) + tile.tiles(rows)) * tile.tiles(l.D().rows());
    }

    @Override
    public void members(Launch launch, int g) {
      Link.Tangents l = links.get(g);
      int o = l.D().rows();
      launch.i32(o).i32(l.D().columns() - 1);
      launch.i32(whole(o, alignedOrNull(l.derivative()) && aligned(l.out())));
      pointers(launch, l.input(), l.D(), l.tangents(), l.W(), l.derivative(), l.out());
      strides(launch, l.input(), l.D(), l.tangents(), l.W(), l.derivative(), l.out());
      launch.i32(whole(l.input())).i32(whole(l.D()));
      launch.i32(l.tangents() == null ? 0 : whole(l.tangents())).i32(whole(l.W())).i32(l.below());
      slices.member(launch, g);
    }
  }

  /** One of the two links of {@link Link.Recursion}: C = A B, or C = (Aᵀ B) ∘ S. */
  public record Product(int o, int i, Matrix A, Matrix B, Matrix S, Matrix C) {}

  /** KFRA's recursion backwards. */
  public static final class Recursion extends Table<Product> {
    /** Two products a link, in tiles of this kind. */
    public Recursion(List<Product> links, Tile tile) {
      super(links, tile, 0);
      slices.inTurns(this::tiles, this::inner);
    }

    /** A product with a diagonal matrix has none. */
    private int inner(int g) {
      Product p = links.get(g);
      return p.S() == null && strideOf(p.A()) == 0 ? 0 : p.o();
    }

    @Override
    public int bytes() {
      return 80;
    }

    @Override
    public long blocks(int g) {
      return tiles(g) * slices.slices(g);
    }

    @Override
    long tiles(int g) {
      Product p = links.get(g);
      long across = tile.tiles(p.i());
      return p.S() == null ? across * tile.tiles(p.o()) : across * (across + 1) / 2;
    }

    @Override
    public void members(Launch launch, int g) {
      Product p = links.get(g);
      launch.i32(p.o()).i32(p.i()).i32(whole(p.i(), aligned(p.C()) && alignedOrNull(p.S())));
      pointers(launch, p.A(), p.B(), p.S(), p.C());
      launch.i32(p.S() == null ? strideOf(p.A()) : p.A().stride());
      strides(launch, p.B(), p.S(), p.C());
      launch.i32(whole(p.A())).i32(whole(p.B()));
      slices.member(launch, g);
    }
  }
}
