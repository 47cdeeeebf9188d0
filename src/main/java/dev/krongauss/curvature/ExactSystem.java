package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Check;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.ControlExact;
import dev.krongauss.kernel.Hadamard;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.Root;
import dev.krongauss.kernel.RootSpace;
import dev.krongauss.kernel.Update;
import dev.krongauss.kernel.operations.Factorisation;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Model;
import java.util.ArrayList;
import java.util.List;

/**
 * The full Gauss-Newton matrix C = 1/N Σ Jᵀ H J of a batch, all layers together, and the step that
 * solves (C + μI) Δ = −g for it. With S_n the square roots of the datapoints' H and B = Sᵀ J, one
 * row a residual, C = BᵀB / N.
 *
 * <p>In order: {@link #form} after a forward pass, {@link #factorise}, {@link #solve}. All of it
 * enqueues, and memory is taken when it is built, for batches of one size.
 *
 * <p>The solution of the factorised matrix is corrected by its residual, for which C Δ is a tangent
 * and a backward pass; what is left at the end is the error that is reported.
 */
public abstract class ExactSystem implements AutoCloseable {
  final Model model;
  final LossFunction.OnDevice loss;
  final Operations operations;
  final Settings settings;
  final Arena arena;
  final int N;
  final int K;
  final RootSpace rootSpace;
  final Hadamard hadamard;
  final Update update;
  final Reduce reduce;
  final Matrix top;
  final Matrix outputs;
  final List<Matrix> product;
  final Buffer one;
  private final Root root;
  private final Buffer perDatapoint;
  private Matrix matrix;
  private Factorisation factorisation;
  Matrix inverse;

  /**
   * What a system is built with.
   *
   * @param l2 η of the objective
   * @param refinements corrections by the residual
   * @param marquardt whether C + ηI is damped by λ times its diagonal, in parameter space; else by
   *     μI, η in it
   */
  public record Settings(float l2, int refinements, boolean marquardt) {}

  /**
   * Where a batch is.
   *
   * @param h output [N][d_L] of the last forward pass
   * @param t targets
   * @param outputGradient ∂E/∂h [N][d_L]
   * @param gradients g of the objective, L2 included, shaped like the parameters
   */
  public record Point(Matrix h, Matrix t, Matrix outputGradient, List<Matrix> gradients) {}

  /**
   * Device addresses of floats.
   *
   * @param damping μ, or λ with Marquardt's damping, read
   * @param inverse −1/μ, read
   * @param curvature gets Δᵀ C Δ
   * @param error2 gets the square of the error of Δ in the norm of the damped matrix
   * @param scaled2 gets Δᵀ diag(C + ηI) Δ with Marquardt's damping
   */
  public record Places(long damping, long inverse, long curvature, long error2, long scaled2) {}

  ExactSystem(
      Model model,
      LossFunction loss,
      LossFunction.OnDevice onDevice,
      Operations operations,
      Settings settings,
      int N) {
    this.model = model;
    this.loss = onDevice;
    this.operations = operations;
    this.settings = settings;
    this.N = N;
    List<Matrix> W = model.parameters();
    int d = W.get(W.size() - 1).rows();
    this.K = loss.rank(d);
    Check.that(
        K > 0,
        "the exact step needs a square root of each datapoint's curvature, which loss '%s' does not"
            + " give; use KFRA, or give the loss one",
        loss.name());
    this.rootSpace = new RootSpace(model.device());
    this.root = new Root(model.device());
    this.hadamard = new Hadamard(model.device());
    this.update = new Update(model.device());
    this.reduce = new Reduce(model.device());
    this.arena = model.device().newArena("exact step");
    this.top =
        arena.matrix(Check.count((long) N * K, "residuals of a batch"), d, "C of the outputs");
    this.outputs = arena.matrix(N, d, "outputs");
    this.perDatapoint = arena.floats(N, "curvature of a datapoint");
    this.product = like(W, "product");
    this.one = arena.floats(1, "one");
    one.upload(new float[] {1}, model.device().stream());
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
    return model
        .device()
        .allOrNothing(
            () ->
                space == ExactSpace.SAMPLE
                    ? new SampleSystem(model, loss, onDevice, operations, settings, N)
                    : new ParameterSystem(model, loss, onDevice, operations, settings, N));
  }

  /** Forms the matrix of a batch, after its forward pass. */
  public final void form(Point at, Stream s) {
    loss.squareRoot(at.h(), at.t(), top, s);
    form(matrix, s);
  }

  /**
   * Factorises and inverts it with the first damping that it is positive definite with.
   *
   * @param dampings device address of {@link ControlExact#RUNGS} floats
   * @param infos device address of as many ints: 0, or the column that failed
   */
  public final void factorise(long dampings, long infos, Stream s) {
    factorisation.run(s, dampings, infos);
  }

  /**
   * Writes Δ, and its curvature and error to their places.
   *
   * @param direction shaped like the parameters; overwritten
   */
  public abstract void solve(Point at, Places places, List<Matrix> direction, Stream s);

  /** Device memory that is held, in bytes. */
  public final long bytes() {
    return arena.bytes();
  }

  @Override
  public final void close() {
    arena.close();
  }

  abstract void form(Matrix matrix, Stream s);

  /** Takes memory for the matrix [n][n] and its inverse. */
  final void allocate(int n) {
    matrix = arena.matrix(n, n, "Gauss-Newton matrix");
    inverse = arena.matrix(n, n, "inverse of the Gauss-Newton matrix");
    factorisation = operations.ladder(arena, List.of(matrix), List.of(inverse), ControlExact.RUNGS);
  }

  /** J Δ, and with it Δᵀ C Δ where it is asked for; valid until the next pass. */
  final Matrix tangent(List<Matrix> direction, long curvature, Stream s) {
    Matrix v = model.tangent(direction, s);
    if (curvature != 0) {
      root.product(s, top, v, null, perDatapoint.pointer());
      reduce.sum(s, perDatapoint.pointer(), N, 1f / N, curvature);
    }
    return v;
  }

  /** S Sᵀ v of each datapoint into {@code outputs}. */
  final void curved(Matrix v, Stream s) {
    root.product(s, top, v, outputs, 0);
  }

  /** Sets matrices of this arena to 0, their padding too. */
  final void clear(List<Matrix> matrices, Stream s) {
    for (Matrix m : matrices) {
      s.clear(m.pointer(), 4L * m.rows() * m.stride());
    }
  }

  final void copy(List<Matrix> from, List<Matrix> to, Stream s) {
    for (int l = 0; l < from.size(); l++) {
      s.copy(from.get(l), to.get(l));
    }
  }

  final List<Matrix> like(List<Matrix> W, String name) {
    List<Matrix> result = new ArrayList<>();
    for (Matrix m : W) {
      result.add(arena.matrix(m.rows(), m.columns(), name + " " + (result.size() + 1)));
    }
    return result;
  }
}
