package dev.krongauss.optim;

import dev.krongauss.curvature.FactorMemory;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.operations.OperationsSize;
import dev.krongauss.model.LossFunction;
import dev.krongauss.precondition.LayerOwners;
import dev.krongauss.precondition.PreconditionerMemory;
import dev.krongauss.precondition.SharedDirections;
import java.util.Arrays;
import java.util.List;

/** The memory of a {@link GaussNewton} and its stages, counted without a device. */
final class UpdateSize {
  private final int[] widths;
  private final int N;
  private final int outputs;
  private final Method method;
  private final LossFunction loss;
  private final GaussNewtonOptions options;
  private final List<Matrix> W;
  private final FactorMemory factors;
  private final PreconditionerMemory preconditioner;
  private final ArenaSize arena;
  private final OperationsSize operations;
  private final LayerOwners owners;
  private final ChunkSize chunks; // null where batches are whole

  private UpdateSize(
      Method method,
      int[] widths,
      int N,
      LossFunction loss,
      GaussNewtonOptions options,
      OperationsSize operations,
      int block) {
    this.widths = widths;
    this.N = N;
    this.outputs = widths[widths.length - 1];
    this.method = method;
    this.loss = loss;
    this.options = options;
    this.factors = new FactorMemory(widths, options.diagonalTop(loss, method));
    this.W = factors.weights();
    this.preconditioner = new PreconditionerMemory(factors);
    this.operations = operations;
    this.arena = operations.arena();
    this.owners = options.owners(W, factors.diagonalTop());
    this.chunks =
        options.split().cut()
            ? new ChunkSize(operations, widths, options.split(), owners, block)
            : null;
  }

  /**
   * Bytes, the most of those who may compute, and of the blocks of rows that they may have.
   *
   * @param widths d_0 … d_L
   * @param options checked
   */
  static long of(
      Method method, int[] widths, int N, LossFunction loss, GaussNewtonOptions options) {
    return most(options, (who, block) -> of(method, widths, N, loss, options, who, block));
  }

  /** The same of the network's passes. */
  static int passRows(int N, GaussNewtonOptions options) {
    int most = 1;
    for (OperationsSize who : OperationsSize.of(options.mode)) {
      for (int block : who.rowBlocks()) {
        most = Math.max(most, ChunkSize.passRows(options.split(), N, block));
      }
    }
    return most;
  }

  /**
   * Bytes of one who may compute.
   *
   * @param block what {@link dev.krongauss.model.Model#rowBlock} is on the device
   */
  static long of(
      Method method,
      int[] widths,
      int N,
      LossFunction loss,
      GaussNewtonOptions options,
      OperationsSize who,
      int block) {
    return new UpdateSize(method, widths, N, loss, options, who, block).count();
  }

  private interface Counting {
    long bytes(OperationsSize who, int block);
  }

  private static long most(GaussNewtonOptions options, Counting counting) {
    long most = 0;
    int whos = OperationsSize.of(options.mode).size();
    for (int i = 0; i < whos; i++) {
      for (int block : OperationsSize.of(options.mode).get(i).rowBlocks()) {
        OperationsSize who = OperationsSize.of(options.mode).get(i); // with an arena of its own
        most = Math.max(most, counting.bytes(who, block));
      }
    }
    return most;
  }

  private long count() {
    arena.floats(Control.SLOTS);
    preconditioner.preconditioner(operations, owners, options.ranks);
    arena.floats(Reduce.scratchFloats(W));
    arena.ints(1); // of the losses
    arena.like(owners.own(W)); // gradients
    if (owners.shared()) {
      SharedDirections.count(arena, owners, W);
    } else {
      weights(1); // direction
    }
    weights(options.averages ? 2 : 0); // the average, and the weights while it is in their place
    if (options.scalarStep) {
      scalarStep();
    } else {
      layerStep();
    }
    if (options.diagnostics) {
      weights(3);
      arena.floats(W.size() + 1.0);
    }
    FactorMemory.Engine engine =
        new FactorMemory.Engine(method, loss, options.budgetBytes, options.expectedTop);
    if (chunks != null) {
      chunks.update(method, factors, engine, N);
    } else {
      arena.matrix(N, outputs); // output gradient
      arena.floats(N); // per datapoint
      factors.batch(operations, engine, N);
    }
    return arena.bytes();
  }

  private void scalarStep() {
    if (options.adaptGamma) {
      preconditioner.candidates(operations);
      weights(Control.CANDIDATES - 1);
      arena.floats(Control.CANDIDATES * Control.MEASURES);
      arena.floats(options.momentum ? Control.CANDIDATES * Control.MIXED_MEASURES : 0);
    }
    if (options.momentum) {
      weights(1); // V
      arena.matrix(N, outputs);
    }
  }

  private void layerStep() {
    int L = W.size();
    arena.floats(L); // step lengths
    preconditioner.layerRule(arena, owners);
    arena.matrix(L, L); // C
    if (chunks != null) {
      chunks.curvature(loss, N);
      return;
    }
    operations.passes(Arrays.copyOf(widths, L));
    int n = SampledCurvature.rows(loss, N, outputs);
    for (int l = 1; l <= L; l++) {
      arena.matrix(n, widths[l - 1] + 1);
      if (l < L) {
        arena.matrix(n, widths[l]);
      }
      arena.matrix(l * n, widths[l]);
    }
    arena.ints(1); // of the inner products
    boolean fused = loss.fuses(outputs);
    arena.matrix(fused ? n : L * n, outputs); // h
    if (!fused) {
      arena.matrix(L * n, loss.targets(outputs)); // t
      arena.matrix(L * n, outputs); // H v
    }
  }

  private void weights(int times) {
    for (int k = 0; k < times; k++) {
      arena.like(W);
    }
  }
}
