package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Congruence;
import dev.krongauss.kernel.Hadamard;
import dev.krongauss.kernel.Kronecker;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.model.LayerTrace;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Losses;
import dev.krongauss.model.Model;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Exact curvature of a batch, layer by layer, for networks small enough to hold it: what the
 * Kronecker factors approximate.
 *
 * <pre>
 * 𝒢_l,n = B W_{l+1}ᵀ 𝒢_{l+1,n} W_{l+1} B         from the loss' curvature of datapoint n
 * ℋ_l,n = B W_{l+1}ᵀ ℋ_{l+1,n} W_{l+1} B + D      from its literal Hessian, D = diag(f'' ∘ W_{l+1}ᵀ δ_{l+1})
 * block_l = 1/N Σ_n (ā_{l-1} ā_{l-1}ᵀ) ⊗ 𝒢_l,n    (or ℋ_l,n)
 * </pre>
 *
 * <p>A block is the matrix of second derivatives in vec(W_l), the weights stacked column by column:
 * weight {@code W[i][j]}, the bias being the last j, is row and column j·d_l + i. All matrices here
 * are symmetric bit for bit, both halves.
 *
 * <p>The batch is that of the model's last forward pass, and everything is to be asked for before
 * the next one. Each matrix is computed when it is first asked for. Matrices belong to this object
 * and are freed with it. Datapoints are worked through in chunks, so that results and what is
 * needed on the way stay within the budget together.
 *
 * <p>Source: Botev, Ritter, Barber 2017, the sections on the Hessian and its Gauss-Newton
 * approximation.
 */
public final class CurvatureBlocks implements AutoCloseable {
  /** 1 GiB. */
  public static final long DEFAULT_BUDGET_BYTES = 1L << 30;

  /** Which second derivatives. */
  public enum Kind {
    /** Without the curvature of the transfer functions; positive semidefinite. */
    GAUSS_NEWTON,
    /** All of them. */
    HESSIAN
  }

  private enum What {
    BLOCK,
    MEAN,
    OF_DATAPOINTS
  }

  private record Key(What what, Kind kind, int layer) {}

  private final Device device;
  private final Operations operations;
  private final Congruence congruence;
  private final Kronecker kronecker;
  private final LossFunction.OnDevice loss;
  private final List<LayerTrace> traces;
  private final Matrix h;
  private final Matrix t;
  private final Stream s;
  private final ChunkBudget budget;
  private final HeldResults held;
  private final Map<Key, Matrix> known = new HashMap<>();
  private BackwardPass backward;

  /**
   * At the model's last forward pass, within {@link #DEFAULT_BUDGET_BYTES}.
   *
   * @param h output {@code [N][d_L]} of that pass
   * @param t its targets
   * @throws IllegalArgumentException if h is not of the model's shape, t not what the loss takes,
   *     or the loss couples rows
   */
  public CurvatureBlocks(Model model, LossFunction loss, Matrix h, Matrix t, Stream s) {
    this(model, loss, h, t, s, Operations.of(model.device()), DEFAULT_BUDGET_BYTES);
  }

  /**
   * At the model's last forward pass.
   *
   * @param operations who computes products
   * @param budgetBytes most device memory for everything held by this object, but for what the loss
   *     itself needs
   * @throws IllegalArgumentException if h is not of the model's shape, t not what the loss takes,
   *     the loss couples rows, or the budget is not positive
   */
  public CurvatureBlocks(
      Model model,
      LossFunction loss,
      Matrix h,
      Matrix t,
      Stream s,
      Operations operations,
      long budgetBytes) {
    Directions.output(model, loss, h, t);
    Losses.checkSingleRows(loss, "a block of a layer");
    this.device = model.device();
    this.traces = model.traces();
    this.budget = new ChunkBudget(traces, h.rows(), budgetBytes);
    this.held = new HeldResults(device);
    this.operations = operations;
    this.congruence = new Congruence(device);
    this.kronecker = new Kronecker(device);
    this.loss = loss.on(device);
    this.h = h;
    this.t = t;
    this.s = s;
  }

  /** The exact Gauss-Newton block of layer {@code layer} (from 0), as {@link #block}. */
  public Matrix gaussNewtonBlock(int layer) {
    return block(Kind.GAUSS_NEWTON, layer);
  }

  /** The exact Hessian block of layer {@code layer} (from 0), as {@link #block}. */
  public Matrix hessianBlock(int layer) {
    return block(Kind.HESSIAN, layer);
  }

  /**
   * The exact block of a layer.
   *
   * @param layer from 0
   * @return {@code [d_l (d_{l-1} + 1)]²}, row j·d_l + i for {@code W[i][j]}
   * @throws IllegalArgumentException if there is no such layer, or if the block is too large for
   *     the budget: the message says what it would need
   * @throws UnsupportedOperationException if the loss has no {@code curvatureVector}, or for a
   *     Hessian a layer no {@code secondDerivative}
   */
  public Matrix block(Kind kind, int layer) {
    return get(
        new Key(What.BLOCK, kind, layer),
        () -> mean(kind, layer, trace(layer).input(), "block of W"));
  }

  /**
   * The mean over the batch of the pre-activation curvature: G_l of KFLR, where the kind is
   * Gauss-Newton.
   *
   * @param layer from 0
   * @return {@code [d_l]²}
   * @throws IllegalArgumentException as {@link #block}
   * @throws UnsupportedOperationException as {@link #block}
   */
  public Matrix mean(Kind kind, int layer) {
    return get(
        new Key(What.MEAN, kind, layer),
        () -> {
          Matrix a = trace(layer).input();
          // ā ends with a 1: one column of ones
          Matrix ones = Matrix.wrap(a.pointer() + 4L * (a.columns() - 1), a.rows(), 1, a.stride());
          return mean(kind, layer, ones, "mean pre-activation curvature, W");
        });
  }

  /**
   * The pre-activation curvature of every datapoint, one below the other.
   *
   * @param layer from 0
   * @return {@code [N·d_l][d_l]}, row n·d_l + i
   * @throws IllegalArgumentException as {@link #block}
   * @throws UnsupportedOperationException as {@link #block}
   */
  public Matrix ofDatapoints(Kind kind, int layer) {
    return get(
        new Key(What.OF_DATAPOINTS, kind, layer),
        () -> {
          int d = trace(layer).weights().rows();
          long rows = (long) h.rows() * d;
          String name = "pre-activation curvature of each datapoint, W";
          int chunk = chunk(kind, layer, rows, d, name);
          return held(
              kind,
              layer,
              arena -> {
                Matrix stack = arena.matrix((int) rows, d, name);
                chunks(
                    kind, layer, chunk, (H, first) -> s.copy(H, stack.rows(first * d, H.rows())));
                return stack;
              });
        });
  }

  /** Device memory held, in bytes. */
  public long bytes() {
    return held.bytes();
  }

  /** Frees all matrices that were given out. */
  @Override
  public void close() {
    held.close();
    loss.close();
  }

  /** Consumes the stack of a chunk that begins with datapoint {@code first}. */
  private interface Consumer {
    void accept(Matrix H, int first);
  }

  private Matrix get(Key key, Supplier<Matrix> compute) {
    Matrix matrix = known.get(key);
    if (matrix == null) {
      matrix = compute.get();
      known.put(key, matrix);
    }
    return matrix;
  }

  private LayerTrace trace(int layer) {
    Check.that(
        layer >= 0 && layer < traces.size(),
        "layer %d of a network with layers 0 to %d",
        layer,
        traces.size() - 1);
    return traces.get(layer);
  }

  private Matrix mean(Kind kind, int layer, Matrix a, String name) {
    int d = trace(layer).weights().rows();
    long side = (long) a.columns() * d;
    int chunk = chunk(kind, layer, side, side, name);
    return held(
        kind,
        layer,
        arena -> {
          Matrix K = arena.matrix((int) side, (int) side, name);
          chunks(
              kind,
              layer,
              chunk,
              (H, first) -> {
                Matrix part = a.rows(first, H.rows() / d);
                kronecker.mean(s, part, H, 1f / h.rows(), first > 0, K);
              });
          return K;
        });
  }

  /** A result in memory of its own, which is freed again if it cannot be computed. */
  private Matrix held(Kind kind, int layer, Function<Arena, Matrix> compute) {
    if (kind == Kind.HESSIAN && backward == null) {
      held.add(
          "gradients of datapoints",
          arena -> {
            BackwardPass pass =
                new BackwardPass(arena, operations, new Hadamard(device), traces, h);
            pass.run(loss, traces, h, t, s); // throws if a layer has no second derivative
            backward = pass;
            return pass;
          });
    }
    return held.add(kind + " of layer " + (layer + 1), compute);
  }

  private void chunks(Kind kind, int layer, int chunk, Consumer consumer) {
    try (Arena scratch = device.newArena("curvature of datapoints")) {
      PreActivationCurvature curvature =
          new PreActivationCurvature(
              scratch,
              operations,
              congruence,
              loss,
              traces,
              h,
              t,
              kind == Kind.HESSIAN ? backward : null,
              layer,
              chunk,
              s);
      for (int first = 0; first < h.rows(); first += chunk) {
        int n = Math.min(chunk, h.rows() - first);
        consumer.accept(curvature.of(layer, first, n, s), first);
      }
    }
  }

  /** Datapoints that fit the budget at once beside a result; says what it takes if none does. */
  private int chunk(Kind kind, int layer, long rows, long columns, String name) {
    boolean backwardToCome = kind == Kind.HESSIAN && backward == null;
    long gradients = backwardToCome ? BackwardPass.bytes(traces, h.rows()) : 0;
    return budget.chunk(kind, layer, rows, columns, name, bytes() + gradients);
  }
}
