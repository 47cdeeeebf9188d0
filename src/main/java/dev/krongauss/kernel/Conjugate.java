package dev.krongauss.kernel;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Going;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/**
 * The vectors of conjugate gradients in double, which decide on the device when they end ({@code
 * kernels/conjugate.cu}). Vectors are doubles at device addresses.
 */
public final class Conjugate {
  /** Doubles of {@link #state}: r·z, α, the energy, the squared error, the iterations, trust. */
  public static final int STATE = Going.STATE;

  /** {@link #stop}: the error is small enough. */
  public static final int REACHED = 1;

  /** {@link #stop}: the matrix or the preconditioner was not positive. */
  public static final int BROKEN = 2;

  /** {@link #stop}: iterations ran out. */
  public static final int NOT_REACHED = 3;

  private static final int WARP = 32;

  private final Function start;
  private final Function times;
  private final Function turn;
  private final Function turnDual;
  private final Function advance;
  private final Function advanceDual;
  private final Function finish;
  private final Function finishDual;
  private final Buffer state;
  private final Buffer stop;

  /**
   * Loads the kernels, and takes some bytes of the arena.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Conjugate(Device device, Arena arena) {
    start = of(device, "start");
    times = of(device, "times");
    turn = of(device, "turn");
    turnDual = of(device, "turn__dual");
    advance = of(device, "advance");
    advanceDual = of(device, "advance__dual");
    finish = of(device, "finish");
    finishDual = of(device, "finish__dual");
    state = arena.floats(2L * Going.SCALARS, "state of conjugate gradients");
    stop = arena.ints(1, "stop of conjugate gradients");
  }

  /** Device address of the int that ends the iteration: 0 while it goes on. */
  public long stop() {
    return stop.pointer();
  }

  /** Device address of {@link #STATE} doubles. */
  public long state() {
    return state.pointer();
  }

  /** Whether it goes on. */
  public Going going() {
    return new Going(stop(), state());
  }

  /**
   * Begins an iteration.
   *
   * @param wanted device address of an int, 0 if there is nothing to do; or 0
   * @param info device address of an int, 0 if the matrix has a factor; or 0, if it has an inverse
   * @param trust device address of a float, a lower bound of the eigenvalues of the preconditioner
   *     times the matrix; or 0, for 1
   */
  public void start(Stream s, long wanted, long info, long trust) {
    start
        .on(s)
        .pointer(stop())
        .pointer(state())
        .pointer(wanted)
        .pointer(info)
        .pointer(trust)
        .launch();
  }

  /**
   * z = e ∘ X (e ∘ r).
   *
   * @param X symmetric [n][n], lower triangle read
   * @param e [1][n], or null for ones
   * @param r [n]
   * @param z [n], not r
   */
  public void times(Stream s, Matrix X, Matrix e, long r, long z) {
    int n = Tiles.square(X, "X");
    if (e != null) {
      Check.shape(e, 1, n, "e");
    }
    Check.that(r != z, "z is r in place; the product needs a vector of its own");
    times
        .on(s)
        .grid(Tiles.up(n, WARP), 1, 1)
        .block(Elements.THREADS, 1, 1)
        .pointer(stop())
        .matrix(X)
        .i32(X.stride())
        .i32(n)
        .pointer(e == null ? 0 : e.pointer())
        .pointer(r)
        .pointer(z)
        .launch();
  }

  /**
   * The next direction p, or the end.
   *
   * @param q (C + μI) p of the direction before
   * @param last whether there is none behind
   */
  public void turn(Stream s, int n, long r, long z, long p, long q, float tolerance, boolean last) {
    turn.on(s)
        .block(Elements.THREADS, 1, 1)
        .pointer(stop())
        .pointer(state())
        .i32(n)
        .pointer(r)
        .pointer(z)
        .pointer(p)
        .pointer(q)
        .f32(tolerance)
        .i32(last ? 1 : 0)
        .launch();
  }

  /** A step along p. */
  public void advance(Stream s, int n, long p, long q, long x, long r) {
    advance
        .on(s)
        .block(Elements.THREADS, 1, 1)
        .pointer(stop())
        .pointer(state())
        .i32(n)
        .pointer(p)
        .pointer(q)
        .pointer(x)
        .pointer(r)
        .launch();
  }

  /**
   * Vectors in the space of residuals, n each.
   *
   * @param z0 right side, S z = ∂E/∂h
   * @param y the solution
   * @param r the residual
   * @param z preconditioned
   * @param Kz K z
   * @param p direction
   * @param Kp K p
   * @param damping device address of a float
   */
  public record Dual(
      int n, long z0, long y, long r, long z, long Kz, long p, long Kp, long damping) {}

  /** {@link #turn} in the space of residuals. */
  public void turn(Stream s, Dual v, float tolerance, boolean last) {
    turnDual
        .on(s)
        .block(Elements.THREADS, 1, 1)
        .pointer(stop())
        .pointer(state())
        .i32(v.n)
        .pointer(v.r)
        .pointer(v.z)
        .pointer(v.Kz)
        .pointer(v.p)
        .pointer(v.Kp)
        .pointer(v.damping)
        .f32(tolerance)
        .i32(last ? 1 : 0)
        .launch();
  }

  /** {@link #advance} in the space of residuals. */
  public void advance(Stream s, Dual v, float tolerance) {
    advanceDual
        .on(s)
        .block(Elements.THREADS, 1, 1)
        .pointer(stop())
        .pointer(state())
        .i32(v.n)
        .pointer(v.p)
        .pointer(v.Kp)
        .pointer(v.damping)
        .pointer(v.y)
        .pointer(v.r)
        .pointer(v.z0)
        .f32(tolerance)
        .launch();
  }

  /**
   * What rounding the solution to floats lost.
   *
   * @param moved S' J of that change, doubles, one a residual
   * @param residuals their number
   * @param datapoints N
   */
  public record Rounding(long moved, int residuals, int datapoints) {}

  /**
   * Device addresses of floats, all written.
   *
   * @param curvature Δᵀ C Δ
   * @param scaled2 Σ (Δ / e)², in the space of weights
   * @param error2 the squared error of Δ in the norm of the damped matrix
   */
  public record Results(long curvature, long scaled2, long error2) {}

  /**
   * The results of an iteration in the space of weights.
   *
   * @param g what r was before it
   * @param e with Marquardt's damping [1][n], else null
   * @param eta what C has beside the damping then
   * @param damping device address of a float
   */
  public void finish(
      Stream s,
      int n,
      long x,
      long g,
      long r,
      Matrix e,
      float eta,
      long damping,
      Rounding rounding,
      Results to) {
    finish
        .on(s)
        .block(Elements.THREADS, 1, 1)
        .pointer(state())
        .i32(n)
        .pointer(x)
        .pointer(g)
        .pointer(r)
        .pointer(e == null ? 0 : e.pointer())
        .f32(eta)
        .pointer(damping)
        .pointer(rounding.moved)
        .i32(rounding.residuals)
        .i32(rounding.datapoints)
        .pointer(to.curvature)
        .pointer(to.scaled2)
        .pointer(to.error2)
        .launch();
  }

  /** The results of an iteration in the space of residuals; {@code scaled2} stays as it is. */
  public void finish(Stream s, Dual v, Rounding rounding, Results to) {
    finishDual
        .on(s)
        .block(Elements.THREADS, 1, 1)
        .pointer(state())
        .i32(v.n)
        .pointer(v.y)
        .pointer(v.z0)
        .pointer(v.r)
        .pointer(v.damping)
        .pointer(rounding.moved)
        .i32(rounding.datapoints)
        .pointer(to.curvature)
        .pointer(to.error2)
        .launch();
  }

  private static Function of(Device device, String name) {
    return device.function("conjugate", "conjugate_f64__" + name);
  }
}
