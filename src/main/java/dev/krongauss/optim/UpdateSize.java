package dev.krongauss.optim;

import dev.krongauss.curvature.FactorMemory;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.ArenaSize;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.Control;
import dev.krongauss.kernel.Reduce;
import dev.krongauss.kernel.operations.OperationsSize;
import dev.krongauss.model.LossFunction;
import dev.krongauss.precondition.PreconditionerMemory;
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

  private UpdateSize(
      Method method,
      int[] widths,
      int N,
      LossFunction loss,
      GaussNewtonOptions options,
      OperationsSize operations) {
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
  }

  /**
   * Bytes, the most of those who may compute.
   *
   * @param widths d_0 … d_L
   * @param options checked
   */
  static long of(
      Method method, int[] widths, int N, LossFunction loss, GaussNewtonOptions options) {
    return OperationsSize.of(options.mode).stream()
        .mapToLong(who -> new UpdateSize(method, widths, N, loss, options, who).count())
        .max()
        .orElseThrow();
  }

  private long count() {
    arena.floats(Control.SLOTS);
    preconditioner.preconditioner(operations);
    objective();
    weights(2); // gradients and direction
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
    factors.batch(operations, engine, N);
    return arena.bytes();
  }

  private void objective() {
    arena.floats(Reduce.scratchFloats(W));
    arena.ints(1); // of the losses
    arena.matrix(N, outputs);
    arena.floats(N);
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
    preconditioner.layerRule(arena);
    arena.matrix(L, L); // C
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
