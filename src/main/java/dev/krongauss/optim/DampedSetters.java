package dev.krongauss.optim;

import dev.krongauss.dist.Collective;
import dev.krongauss.kernel.operations.Operations;

/** Setters that the builders of all second-order optimisers have. */
abstract class DampedSetters<T extends DampedSetters<T>> {
  DampedSetters() {}

  abstract DampedOptions options();

  @SuppressWarnings("unchecked")
  final T self() {
    return (T) this;
  }

  /**
   * Start of λ, the damping of the quadratic model beside η; default 5e-3, 1e-3 with {@link
   * GaussNewton.Builder#scalarStep}. In the exact step the default is 1e-3, and λ follows Nielsen's
   * rule from there.
   */
  public T lambda(double value) {
    options().lambda = (float) value;
    return self();
  }

  /**
   * Floor of the adapted λ; the default is 3e-4, 1e-3 with {@link GaussNewton.Builder#scalarStep},
   * or the start if that is lower. M&amp;G's rule has none, but the factors' own error does not
   * shrink as the quadratic model gets better. The exact step has no such error; its default is
   * 1e-10.
   */
  public T leastLambda(double value) {
    options().leastLambda = (float) value;
    return self();
  }

  /** L2 weight η of the objective; default 1e-5, and 0 in the exact step. */
  public T l2(double value) {
    options().l2 = (float) value;
    return self();
  }

  /** Rejected updates in a row that are tolerated before {@link Optimizer#step} throws. */
  public T mostRejected(int updates) {
    options().mostRejected = updates;
    return self();
  }

  /** Forces the kernels or the libraries. */
  public T operations(Operations.Mode mode) {
    options().mode = mode;
    return self();
  }

  /**
   * Cuts each batch into so many chunks of rows, 1, 2, 4, 8 or 16: gradients, factors, losses and
   * curvatures are sums over the chunks in one binary tree, and passes take all rows at once where
   * the model keeps them apart ({@code Model.rowBlock}), else a chunk. Then updates are the same,
   * bit for bit, on any number of {@link #ranks} up to {@code count}. Default 1, the whole batch,
   * and 8 with ranks. {@code exact()} solves in parameter space then. Not with {@code auto()},
   * whose choice goes by whole batches, nor with a loss that has weights of datapoints or couples
   * rows. Factors are refreshed by the schedule alone, whoever reads reports.
   */
  public T chunks(int count) {
    options().chunks = count;
    return self();
  }

  /**
   * Trains with other ranks, each of which builds the same model and optimiser and gives {@link
   * Optimizer#step} its own part of each batch ({@code Batches.shard}). The group stays the
   * caller's. {@link Collective#inAnyOrder} lets its engine sum, for speed and without the promise
   * that bits do not depend on the number of ranks. Before the first update all ranks compare
   * settings and weights. With more than one rank an update is replayed as several graphs, between
   * which ranks call each other.
   */
  public T ranks(Collective group) {
    options().ranks = CutRanks.of(group);
    return self();
  }
}
