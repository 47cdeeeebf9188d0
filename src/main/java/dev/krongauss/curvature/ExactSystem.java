package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Conjugate;
import dev.krongauss.kernel.ControlExact;
import dev.krongauss.kernel.operations.DampedSolver;
import dev.krongauss.kernel.operations.Factorisation;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.List;

/**
 * The full Gauss-Newton matrix C = 1/N Σ Jᵀ H J of a batch, all layers together, and the step that
 * solves (C + μI) Δ = −g for it. With S_n the square roots of the datapoints' H and B = Sᵀ J, one
 * row a residual, C = BᵀB / N.
 *
 * <p>In order: {@link #gradient} and {@link #form} after a forward pass and the loss, {@link
 * #factorise}, {@link #solve}, and {@link #accelerate} where it is wanted. All of it enqueues, and
 * memory is taken when it is built, for batches of one size.
 *
 * <p>The inverse, or with a library the factor, in floats is the preconditioner of conjugate
 * gradients in double ({@link dev.krongauss.kernel.Conjugate}), for which C p is a tangent and a
 * backward pass in double. They end on the device when the error, in the norm of the damped matrix,
 * is {@link #TOLERANCE}: where the inverse is good, after the first step.
 */
public abstract class ExactSystem implements AutoCloseable {
  /** Relative error that the step is solved to, in the norm of the damped matrix. */
  public static final float TOLERANCE = 5e-6f;

  /** The same of the acceleration, itself a correction. */
  static final float ROUGHLY = 1e-3f;

  final Model model;
  final LossFunction.OnDevice loss;
  final Operations operations;
  final Settings settings;
  final Arena arena;
  final int N;
  final int K;
  final int stack;
  final LinearisedPasses passes;
  final Conjugate conjugate;
  final Matrix top;
  private Matrix matrix;
  private Factorisation factorisation;
  private DampedSolver solver;
  private Matrix inverse;
  private Matrix narrow;
  private long info;

  /**
   * What a system is built with.
   *
   * @param l2 η of the objective
   * @param refinements the most corrections by the residual
   * @param marquardt whether C + ηI is damped by λ times its diagonal, in parameter space; else by
   *     μI, η in it
   * @param geodesic whether {@link #accelerate} is wanted
   */
  public record Settings(float l2, int refinements, boolean marquardt, boolean geodesic) {}

  /**
   * Where a batch is.
   *
   * @param h output [N][d_L] of the last forward pass
   * @param t targets
   * @param outputGradient ∂E/∂h [N][d_L]; of a batch that is cut these three are null
   * @param gradients get g of the objective, L2 included, shaped like the parameters
   */
  public record Point(Matrix h, Matrix t, Matrix outputGradient, List<Matrix> gradients) {}

  /**
   * Device addresses of floats.
   *
   * @param damping μ, or λ with Marquardt's damping, read
   * @param curvature gets Δᵀ C Δ
   * @param error2 gets the square of the error of Δ in the norm of the damped matrix
   * @param scaled2 gets Δᵀ diag(C + ηI) Δ with Marquardt's damping
   * @param trust damping over that of the inverse, read
   */
  public record Places(long damping, long curvature, long error2, long scaled2, long trust) {}

  /**
   * What every system is built of.
   *
   * @param N datapoints of a batch
   */
  record Parts(
      Model model,
      LossFunction loss,
      LossFunction.OnDevice onDevice,
      Operations operations,
      Settings settings,
      int N) {}

  /**
   * @param cut null for a batch that is whole
   */
  ExactSystem(Parts of, ExactCut cut) {
    model = of.model;
    loss = of.onDevice;
    operations = of.operations;
    settings = of.settings;
    N = of.N;
    List<Matrix> W = model.parameters();
    int d = W.get(W.size() - 1).rows();
    this.K = of.loss.rank(d);
    this.stack = of.loss.stack();
    Check.that(
        K > 0,
        "the exact step needs a square root of each datapoint's curvature, which loss '%s' does not"
            + " give; use KFRA, or give the loss one",
        of.loss.name());
    this.arena = model.device().newArena("exact step");
    int most = cut == null ? N : cut.most();
    int own = cut == null ? N : Math.multiplyExact(cut.own(), most);
    this.passes =
        new LinearisedPasses(arena, operations, model, most, K, stack, settings.geodesic());
    this.conjugate = new Conjugate(model.device(), arena);
    this.top =
        arena.matrix(Check.count((long) own * K, "residuals of a batch"), d, "C of the outputs");
  }

  /**
   * The system of a space; takes its memory, all or none.
   *
   * @param space not {@link ExactSpace#SMALLER}
   * @param N datapoints of a batch
   * @throws IllegalArgumentException if the loss gives no square root, or too many columns of one
   * @throws dev.krongauss.device.DeviceException if the device's memory is too small
   */
  public static ExactSystem of(
      ExactSpace space,
      Model model,
      LossFunction loss,
      LossFunction.OnDevice onDevice,
      Operations operations,
      Settings settings,
      int N) {
    Parts of = new Parts(model, loss, onDevice, operations, settings, N);
    return model
        .device()
        .allOrNothing(
            () -> space == ExactSpace.SAMPLE ? new SampleSystem(of) : new ParameterSystem(of));
  }

  /**
   * The same in parameter space for a batch that is cut, N of all ranks.
   *
   * @throws IllegalArgumentException as {@link #of(ExactSpace, Model, LossFunction,
   *     LossFunction.OnDevice, Operations, Settings, int)}
   */
  public static ExactSystem of(
      Model model,
      LossFunction loss,
      LossFunction.OnDevice onDevice,
      Operations operations,
      Settings settings,
      int N,
      ExactCut cut) {
    Parts of = new Parts(model, loss, onDevice, operations, settings, N);
    return model.device().allOrNothing(() -> new CutSystem(of, cut));
  }

  /**
   * Writes g, summed in double, as floats to the point's gradients, and keeps what {@link #solve}
   * needs of it.
   */
  public abstract void gradient(Point at, Stream s);

  /** Forms the matrix of a batch, after its forward pass and {@link #gradient}. */
  public final void form(Point at, Stream s) {
    form(at, matrix, s);
  }

  /**
   * Factorises and inverts it with the first damping that it is positive definite with.
   *
   * @param dampings device address of {@link ControlExact#RUNGS} floats
   * @param infos device address of as many ints: 0, or the column that failed
   */
  public final void factorise(long dampings, long infos, Stream s) {
    if (solver == null) {
      factorisation.run(s, dampings, infos);
      info = 0;
    } else {
      solver.factorise(s, dampings, infos);
      info = infos;
    }
  }

  /** Whether the inverse may be of the matrix with more damping than the system's. */
  public abstract boolean onlyPreconditions();

  /**
   * Writes Δ, and its curvature and error to their places.
   *
   * @param direction shaped like the parameters; overwritten
   */
  public abstract void solve(Point at, Places places, List<Matrix> direction, Stream s);

  /**
   * The second derivative a of the geodesic that begins along Δ: (C + μI) a = −1/N Σ Jᵀ H h'', h''
   * that of the outputs along Δ. After {@link #solve}.
   *
   * <p>Source: M. Transtrum, J. Sethna, "Improvements to the Levenberg-Marquardt algorithm for
   * nonlinear least-squares minimization", 2012.
   *
   * @param wanted device address of an int: where it is 0, a is not computed
   * @param acceleration a, shaped like the parameters; overwritten
   */
  public abstract void accelerate(Places places, long wanted, List<Matrix> acceleration, Stream s);

  /**
   * Device address of the int that says how the last iteration ended, as {@link Conjugate#stop}.
   */
  public final long end() {
    return conjugate.stop();
  }

  /** Device memory that is held, in bytes. */
  public final long bytes() {
    return arena.bytes();
  }

  @Override
  public final void close() {
    arena.close();
  }

  /** Writes it; {@link #top}, too. */
  abstract void form(Point at, Matrix matrix, Stream s);

  /** The square roots of the rows of a forward pass. */
  final void roots(Point at, Matrix S, Stream s) {
    loss.squareRoot(at.h(), at.t(), S, s);
  }

  /** Takes memory for the matrix [n][n], and its inverse or its factor. */
  final Matrix allocate(int n) {
    matrix = arena.matrix(n, n, "Gauss-Newton matrix");
    inverse = arena.matrix(n, n, "inverse of the Gauss-Newton matrix");
    if (!settings.marquardt()) {
      solver = operations.solver(arena, matrix, inverse, ControlExact.RUNGS);
    }
    if (solver == null) {
      List<Matrix> X = List.of(inverse);
      factorisation = operations.ladder(arena, List.of(matrix), X, ControlExact.RUNGS);
    } else {
      narrow = arena.matrix(2, n, "r and z as floats");
    }
    return matrix;
  }

  /**
   * Begins an iteration.
   *
   * @param wanted device address of an int, 0 if there is nothing to do; or 0
   * @param trust as {@link Conjugate#start}
   */
  final void start(long wanted, long trust, Stream s) {
    conjugate.start(s, wanted, info, trust);
  }

  /**
   * z = X r, X the inverse e ∘ … ∘ e, n elements; a library solves in floats, as its factor is, and
   * knows no e.
   */
  final void precondition(int n, Matrix e, long r, long z, Stream s) {
    if (solver == null) {
      conjugate.times(s, inverse, e, r, z);
      return;
    }
    passes.kernel().round(s, conjugate.stop(), r, List.of(narrow.rows(0, 1)), 0);
    solver.solve(s, conjugate.going(), narrow.rows(0, 1), narrow.rows(1, 1));
    passes.kernel().widen(s, List.of(narrow.rows(1, 1)), z);
  }

  /** Address of a vector of doubles. */
  final long vector(long count, String name) {
    return LinearisedPasses.doubles(arena, count, name);
  }

  /** Sets vectors of n doubles to 0. */
  static void clear(Stream s, int n, long... vectors) {
    for (long vector : vectors) {
      s.clear(vector, 8L * n);
    }
  }

  static void copy(Stream s, int n, long from, long to) {
    int floats = Check.count(2L * n, "floats of a vector");
    s.copy(Matrix.wrap(from, 1, floats, floats), Matrix.wrap(to, 1, floats, floats));
  }
}
