package dev.krongauss.optim;

import dev.krongauss.curvature.FactorEngine;
import dev.krongauss.curvature.Method;
import dev.krongauss.device.Check;
import dev.krongauss.model.LossFunction;
import dev.krongauss.model.Losses;
import java.util.Arrays;
import java.util.Locale;

/**
 * Bytes of device memory that a training takes, known without a device; by {@link
 * GaussNewtonSetters#memory} and {@link ExactGaussNewton.Builder#memory}.
 *
 * <p>What arenas hold is counted, for Kronecker factors to the byte: where cuBLAS and cuSOLVER or
 * this project's kernels may compute, whichever takes more. For the exact step it is a bound, never
 * below, and in tests half and 64 KiB above at most. Of batches that are cut it is this rank's
 * memory. How many rows are a block of a library's products ({@code Model.rowBlock}) a trial on the
 * device finds: where it may compute, the most of all outcomes is counted, so that this is no less
 * than what is taken, and to the byte with this project's kernels. Not in it: kernels' code, what
 * the driver and a GPU's libraries take for themselves, cuSOLVER's workspace among it, and what a
 * loss of one's own holds, as one written in CUDA square roots of up to 32 MiB.
 *
 * @param what method, batch and layers, in words
 * @param optimizer of the optimiser: factors, inverses and directions, and what a batch takes there
 * @param network of a {@code net.Network}: weights, and its passes over a batch
 * @param batch of inputs and targets, as {@code data.Batches} hold them. An optimiser takes it once
 *     more where batches lie at different addresses
 */
public record TrainingMemory(String what, long optimizer, long network, long batch) {
  /** All of it; the largest long where it is more. */
  public long sum() {
    double all = (double) optimizer + network + batch;
    return all < Long.MAX_VALUE ? optimizer + network + batch : Long.MAX_VALUE;
  }

  /**
   * Fails where there is less memory than needed.
   *
   * @param available bytes
   * @throws IllegalArgumentException then, with both numbers
   */
  public void check(long available) {
    Check.that(
        sum() <= available,
        "%s, and there are %s; take smaller batches or layers, another method, or a device with"
            + " more memory",
        this,
        mebibytes(available));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %s of device memory, %s for the optimiser, %s for the network and %s for a batch",
        what,
        mebibytes(sum()),
        mebibytes(optimizer),
        mebibytes(network),
        mebibytes(batch));
  }

  /**
   * Of Kronecker factors.
   *
   * @param options checked
   */
  static TrainingMemory ofFactors(
      Method method, int[] widths, int N, LossFunction loss, GaussNewtonOptions options) {
    int targets = checkSizes(widths, N, loss);
    FactorEngine.check(method, loss, widths[widths.length - 1]);
    Chunks split = options.split();
    split.check(N);
    String name = method.name().toLowerCase(Locale.ROOT);
    long optimizer = UpdateSize.of(method, widths, N, loss, options);
    if (!split.cut()) {
      return of(name, optimizer, widths, N, targets);
    }
    return new TrainingMemory(
        what(name, widths, N) + " in " + split,
        optimizer,
        NetworkMemory.network(widths, UpdateSize.passRows(N, options)),
        NetworkMemory.batch(widths[0], targets, split.ownRows(N)));
  }

  /**
   * Of the exact step.
   *
   * @param options checked
   */
  static TrainingMemory ofExact(int[] widths, int N, LossFunction loss, ExactOptions options) {
    Check.that(
        !options.split().cut(),
        "the memory of exact() for batches in %s is not counted; leave out chunks(...) and"
            + " ranks(...) to count whole batches",
        options.split());
    int targets = checkSizes(widths, N, loss);
    int outputs = widths[widths.length - 1];
    options.checkLoss(loss, outputs);
    return of(
        "exact", options.memory(widths, N, loss.rank(outputs), loss.stack()), widths, N, targets);
  }

  /**
   * Of what {@code auto()} takes for such batches.
   *
   * @param asked options as they were asked for
   */
  static TrainingMemory ofAuto(int[] widths, int N, LossFunction loss, GaussNewtonOptions asked) {
    checkSizes(widths, N, loss);
    GaussNewtonOptions options = asked.checked();
    String never = ExactChoice.never(widths[widths.length - 1], loss, asked);
    if (never.isEmpty() && ExactChoice.of(widths, N, loss, options.budgetBytes).taken()) {
      return ofExact(widths, N, loss, options.exact());
    }
    Losses.checkSingleRows(loss, "auto() where " + never);
    return ofFactors(MethodChoice.of(widths, N, loss, options).method(), widths, N, loss, options);
  }

  private static TrainingMemory of(String name, long optimizer, int[] widths, int N, int targets) {
    return new TrainingMemory(
        what(name, widths, N),
        optimizer,
        NetworkMemory.network(widths, N),
        NetworkMemory.batch(widths[0], targets, N));
  }

  private static String what(String name, int[] widths, int N) {
    return String.format(
        Locale.ROOT, "%s for batches of %,d rows and layers %s", name, N, Arrays.toString(widths));
  }

  /** Gives the columns of the targets. */
  private static int checkSizes(int[] widths, int N, LossFunction loss) {
    Check.that(
        widths.length >= 2 && Arrays.stream(widths).allMatch(d -> d >= 1) && N >= 1,
        "widths %s and batches of %d; give at least d_0 and d_1, and numbers from 1",
        Arrays.toString(widths),
        N);
    return loss.targets(widths[widths.length - 1]);
  }

  static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,.1f MiB", bytes / 1048576.0);
  }
}
