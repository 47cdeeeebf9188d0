package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.group.WideTables;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/**
 * Passes of the linearised network in double ({@code kernels/linearised.cu}). Doubles lie in
 * compact rows at device addresses; {@code stop} is the address of an int, where it is not 0 a
 * launch leaves at once, or 0.
 */
public final class Linearised {
  private static final int SIDE = 32;
  private static final int WARP = 32;

  /** Outputs up to which a thread takes a datapoint, more than that a warp. */
  private static final int FEW = 8;

  private final Function tangent;
  private final Function bend;
  private final Function backward;
  private final Function gradient;
  private final Function sum;
  private final Function project;
  private final Function combine;
  private final Function widen;
  private final Function round;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Linearised(Device device) {
    tangent = of(device, "tangent");
    bend = of(device, "bend");
    backward = of(device, "backward");
    gradient = of(device, "gradient");
    sum = of(device, "sum");
    project = of(device, "project");
    combine = of(device, "combine");
    widen = of(device, "widen");
    round = of(device, "round");
  }

  /**
   * A layer of the last forward pass.
   *
   * @param W weights [d][I + 1]
   * @param a input [N][I + 1]
   * @param b f'(h) [N][d], null for the output layer
   * @param place of its first weight among all of them
   */
  public record Layer(Matrix W, Matrix a, Matrix b, int place) {
    /** Checks the shapes. */
    public Layer {
      Check.shape(a, a.rows(), W.columns(), "a layer's input");
      if (b != null) {
        Check.shape(b, a.rows(), W.rows(), "a layer's derivative");
      }
    }

    int datapoints() {
      return a.rows();
    }

    int units() {
      return W.rows();
    }

    int inputs() {
      return W.columns() - 1;
    }

    private long of(long vector) {
      return vector + 8L * place;
    }
  }

  /**
   * H = T_below Wᵀ + a Xᵀ and T = b ∘ H.
   *
   * @param below T of the layer below [N][I], 0 for the first layer
   * @param x direction, all weights
   * @param H [N][d], or 0
   * @param T [N][d]
   */
  public void tangent(Stream s, long stop, Layer l, long below, long x, long H, long T) {
    Elements.address(x, "the direction");
    Elements.address(T, "the tangent");
    Launch launch = tiles(tangent, s, l.datapoints(), l.units());
    launch.pointer(stop).pointer(below).matrix(l.W).i32(l.W.stride()).pointer(l.of(x));
    slopes(launch.matrix(l.a).i32(l.a.stride()), l.b).pointer(H).pointer(T);
    launch.i32(l.datapoints()).i32(l.units()).i32(l.inputs()).launch();
  }

  /**
   * B = U_below Wᵀ + 2 T_below Xᵀ and U = b ∘ B + second ∘ H².
   *
   * @param below U of the layer below [N][I], 0 for the first layer
   * @param moved T of the layer below [N][I], 0 for the first layer
   * @param H of {@link #tangent}
   * @param second f''(h) [N][d], null for the output layer
   */
  public void bend(
      Stream s, long stop, Layer l, long below, long moved, long x, long H, Matrix second, long U) {
    Check.that(
        (below == 0) == (moved == 0) && (second == null) == (l.b == null),
        "a layer bends by both products of the layer below or none, and by f' and f'' or neither");
    if (second != null) {
      Check.shape(second, l.datapoints(), l.units(), "f''(h)");
    }
    Launch launch = tiles(bend, s, l.datapoints(), l.units());
    launch.pointer(stop).pointer(below).pointer(moved).matrix(l.W).i32(l.W.stride());
    slopes(slopes(launch.pointer(l.of(x)).pointer(H), l.b), second).pointer(U);
    launch.i32(l.datapoints()).i32(l.units()).i32(l.inputs()).launch();
  }

  /**
   * D_below = (D W) ∘ b.
   *
   * @param l the layer that D is of
   * @param D [N][d]
   * @param b f'(h) of the layer below [N][I]
   * @param below [N][I]
   */
  public void backward(Stream s, long stop, Layer l, long D, Matrix b, long below) {
    Check.shape(b, l.datapoints(), l.inputs(), "the derivative of the layer below");
    Launch launch = tiles(backward, s, l.datapoints(), l.inputs());
    launch.pointer(stop).pointer(D).matrix(l.W).i32(l.W.stride());
    slopes(launch, b).pointer(below);
    launch.i32(l.datapoints()).i32(l.units()).i32(l.inputs()).launch();
  }

  /** Datapoints of a slice of {@link #gradient}: 128 and more, at most 32 slices. */
  public static int slice(int N) {
    return Math.max(128, Tiles.up(N, 32));
  }

  /** Doubles that {@link #gradient} writes for a weight. */
  public static int slices(int N) {
    return Tiles.up(N, slice(N));
  }

  /**
   * Σ_n D_l[n]ᵀ a[n] of each slice and all layers; one launch for up to 32 layers.
   *
   * @param D addresses of [N][d_l]
   * @param partial [slices][P]
   * @param P all weights
   */
  public void gradient(Stream s, long stop, List<Layer> layers, List<Long> D, long partial, int P) {
    int N = layers.get(0).datapoints();
    WideTables.Gradients groups =
        new WideTables.Gradients(
            layers.stream().map(Layer::W).toList(),
            layers.stream().map(Layer::a).toList(),
            D,
            SIDE,
            slices(N),
            (launch, first) -> launch.pointer(stop).pointer(partial).i64(P).i32(N).i32(slice(N)));
    Groups.launch(gradient, s, layers.size(), groups);
  }

  /**
   * What is added to a sum: (shift + μ) x.
   *
   * @param shift a number
   * @param damping device address of a float, or 0 for none
   * @param inverted −1 / damping in the place of it
   * @param e [1][P], by whose squares the damping is divided, or null
   * @param x [P], or 0 for nothing
   */
  public record Term(float shift, long damping, boolean inverted, Matrix e, long x) {
    /** Nothing. */
    public static final Term NONE = new Term(0, 0, false, null, 0);
  }

  /**
   * out = Σ partial / count + the term.
   *
   * @param count N or −N
   * @param out [P], may be the term's x
   */
  public void sum(Stream s, long stop, long partial, int P, int count, Term term, long out) {
    sum(s, stop, partial, slices(Math.abs(count)), P, count, term, out);
  }

  /** The same of so many partial sums. */
  public void sum(
      Stream s, long stop, long partial, int slices, int P, int count, Term term, long out) {
    int blocks = Tiles.up(P, Elements.THREADS);
    Launch launch = sum.on(s).grid(blocks, 1, 1).block(Elements.THREADS, 1, 1);
    launch.pointer(stop).pointer(partial).i32(slices).i64(P).i32(count).f32(term.shift);
    launch.pointer(term.damping).i32(term.inverted ? 1 : 0);
    launch.pointer(term.e == null ? 0 : term.e.pointer()).pointer(term.x).pointer(out).launch();
  }

  /**
   * r_kn = c_nk · v_n.
   *
   * @param C square roots [N K][d]
   * @param v [N][d]
   * @param r [K][N]
   */
  public void project(Stream s, long stop, Matrix C, int N, long v, long r) {
    roots(project, s, stop, C, N, v, r);
  }

  /** v_n = Σ_k r_kn c_nk, shapes as {@link #project}. */
  public void combine(Stream s, long stop, Matrix C, int N, long r, long v) {
    roots(combine, s, stop, C, N, r, v);
  }

  /**
   * x = the matrices, one behind the other.
   *
   * @param x doubles, as many as they have elements
   */
  public void widen(Stream s, List<Matrix> matrices, long x) {
    Elements.address(x, "the vector");
    WideTables.Matrices groups =
        new WideTables.Matrices(matrices, true, (launch, first) -> launch.pointer(x));
    Groups.launch(widen, s, matrices.size(), groups);
  }

  /**
   * The matrices from x as floats.
   *
   * @param lost doubles, what rounding added, or 0
   */
  public void round(Stream s, long stop, long x, List<Matrix> matrices, long lost) {
    Elements.address(x, "the vector");
    WideTables.Matrices groups =
        new WideTables.Matrices(
            matrices, false, (launch, first) -> launch.pointer(stop).pointer(x).pointer(lost));
    Groups.launch(round, s, matrices.size(), groups);
  }

  private static void roots(
      Function function, Stream s, long stop, Matrix C, int N, long from, long to) {
    Check.that(
        C.rows() % N == 0,
        "square roots [%d][%d] of %d datapoints; they need K rows for each",
        C.rows(),
        C.columns(),
        N);
    int lanes = C.columns() <= FEW ? 1 : WARP;
    int together = Elements.THREADS / lanes;
    int blocks = Tiles.up(N, together);
    Launch launch = function.on(s).grid(blocks, 1, 1).block(lanes, together, 1);
    launch.pointer(stop).matrix(C).i32(C.stride()).pointer(from).pointer(to);
    launch.i32(N).i32(C.rows() / N).i32(C.columns()).launch();
  }

  private static Launch slopes(Launch launch, Matrix b) {
    return launch.pointer(b == null ? 0 : b.pointer()).i32(b == null ? 0 : b.stride());
  }

  private static Launch tiles(Function function, Stream s, int rows, int columns) {
    return function
        .on(s)
        .grid(Tiles.up(columns, SIDE), Tiles.up(rows, SIDE), 1)
        .block(Elements.THREADS, 1, 1);
  }

  private static Function of(Device device, String name) {
    return device.function("linearised", "linearised_f64__" + name);
  }
}
