package dev.krongauss.optim;

import dev.krongauss.device.Check;
import dev.krongauss.device.Cuts;
import dev.krongauss.device.Matrix;
import dev.krongauss.kernel.TreeSum;
import dev.krongauss.model.Batch;
import java.util.Locale;

/**
 * How a batch is cut: chunk c of C has the rows [⌊c N / C⌋, ⌊(c + 1) N / C⌋), and each of p ranks
 * has C / p chunks in a row. Statistics are sums over the chunks in one binary tree, so that no bit
 * depends on p.
 *
 * @param count C: 1, 2, 4, 8 or 16; 1 for a batch that is not cut
 * @param ranks null for one alone
 */
record Chunks(int count, CutRanks ranks) {
  static final int DEFAULT = 8;

  Chunks {
    Check.that(
        count >= 1 && count <= TreeSum.MOST_LEAVES && Integer.bitCount(count) == 1,
        "%d chunks; 1, 2, 4, 8 or 16 are a binary tree",
        count);
    if (ranks != null) {
      int p = ranks.size();
      Check.that(
          Integer.bitCount(p) == 1 && p <= count,
          "%d chunks for %d ranks; ranks are 1, 2, 4, 8 or 16, and each has a chunk at least",
          count,
          p);
    }
  }

  /**
   * As asked for.
   *
   * @param chunks null for the default: 8 where there are ranks, else the whole batch
   */
  static Chunks of(Integer chunks, CutRanks ranks) {
    return new Chunks(chunks != null ? chunks : ranks != null ? DEFAULT : 1, ranks);
  }

  /** Whether updates go chunk by chunk. */
  boolean cut() {
    return count > 1 || ranks != null;
  }

  /** Where captures of updates are cut: at calls to other ranks. */
  Cuts cuts() {
    return ranks == null ? new Cuts() : ranks.cuts();
  }

  /** Ranks p. */
  int size() {
    return ranks == null ? 1 : ranks.size();
  }

  /** Chunks of this rank. */
  int own() {
    return count / size();
  }

  /** This rank's first chunk. */
  int first() {
    return ranks == null ? 0 : ranks.rank() * own();
  }

  /** First row of chunk c in a batch of N. */
  int begin(int c, int N) {
    return (int) ((long) c * N / count);
  }

  /** Rows of chunk c. */
  int rows(int c, int N) {
    return begin(c + 1, N) - begin(c, N);
  }

  /** Rows of the longest chunk. */
  int most(int N) {
    return (N + count - 1) / count;
  }

  /** This rank's rows of the batch. */
  int ownRows(int N) {
    return begin(first() + own(), N) - begin(first(), N);
  }

  /** The share of each of this rank's chunks in the batch. */
  float[] shares(int N) {
    float[] shares = new float[own()];
    for (int k = 0; k < shares.length; k++) {
      shares[k] = (float) rows(first() + k, N) / N;
    }
    return shares;
  }

  /** Rows of the longest chunk, in whole blocks of so many. */
  int pitch(int N, int block) {
    return (most(N) + block - 1) / block * block;
  }

  /**
   * Rows of this rank's passes over a batch of N: over all of its chunks, each in whole blocks, or
   * over the longest.
   *
   * @param block as {@link dev.krongauss.model.Model#rowBlock}
   */
  int passRows(int N, int block) {
    return switch (block) {
      case 0 -> most(N);
      case 1 -> ownRows(N);
      default -> own() * pitch(N, block);
    };
  }

  /** The row of this rank's part of a batch that is the first of its k-th chunk. */
  int offset(int k, int N) {
    return begin(first() + k, N) - begin(first(), N);
  }

  /** This rank's k-th chunk of its part of a batch. */
  Batch chunk(Batch batch, int N, int k) {
    int rows = rows(first() + k, N);
    int begin = offset(k, N);
    Matrix targets = batch.targets().rows(begin, rows);
    return new Rows(rows, rows, batch.inputs().rows(begin, rows), targets, 0);
  }

  /**
   * All of this rank's chunks as a batch of rows that are apart.
   *
   * @param inputs of whole blocks of rows
   * @param targets of as many rows, or of what they hold
   * @param pieceRows of the inputs of a chunk, the most
   */
  static Batch apart(int N, Matrix inputs, Matrix targets, int pieceRows) {
    return new Rows(inputs.rows(), N, inputs, targets, pieceRows);
  }

  /**
   * Fails unless each chunk of a batch of N has a datapoint.
   *
   * @throws IllegalArgumentException then
   */
  void check(int N) {
    if (N < count) {
      throw Check.failure(
          "a batch of %d datapoints for %d chunks; each needs one at least: take fewer chunks, or larger"
              + " batches",
          N, count);
    }
  }

  /**
   * Datapoints of the batch that this is the rank's part of.
   *
   * @throws IllegalArgumentException if it is another part, or has fewer rows than there are chunks
   */
  int whole(Batch batch) {
    int N = batch.wholeSize();
    check(N);
    if (batch.size() != ownRows(N) || batch.firstRow() != begin(first(), N)) {
      throw Check.failure(
          "rank %d of %d has %d rows of a batch of %d, from row %d on, and was given %d from row %d on;"
              + " take Batches.shard(rank, size), and whole batches without ranks(...)",
          first() / own(),
          size(),
          ownRows(N),
          N,
          begin(first(), N),
          batch.size(),
          batch.firstRow());
    }
    return N;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%d chunks on %d ranks", count, size());
  }

  private record Rows(int size, int wholeSize, Matrix inputs, Matrix targets, int pieceRows)
      implements Batch {}
}
