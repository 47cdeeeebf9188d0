package dev.krongauss.bench.problem;

import dev.krongauss.dist.Collective;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.ExactGaussNewton;
import dev.krongauss.optim.GaussNewtonSetters;
import dev.krongauss.optim.Muon;
import dev.krongauss.optim.Sgd;

/**
 * How batches are cut, and who else trains.
 *
 * @param chunks of a batch; null for the optimiser's default
 * @param ranks null for one alone; the caller's
 * @param shard whether each rank keeps the state of Kronecker factors of its own layers alone
 */
public record Split(Integer chunks, Collective ranks, boolean shard) {
  /** Whole batches, nobody else. */
  public static Split none() {
    return new Split(null, null, false);
  }

  /** This rank, 0 for one alone. */
  public int rank() {
    return ranks == null ? 0 : ranks.rank();
  }

  /** Ranks, 1 for one alone. */
  public int size() {
    return ranks == null ? 1 : ranks.size();
  }

  /** Whether ranks have parts of the state, which are gathered before it is written. */
  public boolean shards() {
    return shard && size() > 1;
  }

  <T extends GaussNewtonSetters<T>> void of(GaussNewtonSetters<T> builder) {
    if (chunks != null) {
      builder.chunks(chunks);
    }
    if (ranks != null) {
      builder.ranks(ranks);
    }
    if (shard) {
      builder.shard();
    }
  }

  ExactGaussNewton.Builder of(ExactGaussNewton.Builder builder) {
    ExactGaussNewton.Builder cut = chunks == null ? builder : builder.chunks(chunks);
    return ranks == null ? cut : cut.ranks(ranks);
  }

  Adam.Builder of(Adam.Builder builder) {
    Adam.Builder cut = chunks == null ? builder : builder.chunks(chunks);
    return ranks == null ? cut : cut.ranks(ranks);
  }

  Muon.Builder of(Muon.Builder builder) {
    Muon.Builder cut = chunks == null ? builder : builder.chunks(chunks);
    return ranks == null ? cut : cut.ranks(ranks);
  }

  Sgd.Builder of(Sgd.Builder builder) {
    Sgd.Builder cut = chunks == null ? builder : builder.chunks(chunks);
    return ranks == null ? cut : cut.ranks(ranks);
  }
}
