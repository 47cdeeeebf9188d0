package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import dev.krongauss.bench.problem.Split;
import dev.krongauss.dist.Collective;
import java.nio.ByteBuffer;

/**
 * When a run writes checkpoints: rank 0 after so many seconds, by its own clock. Where ranks have
 * parts of the state all of them stop for a checkpoint, behind one update: the first, and from then
 * on what rank 0 says, which reckons with the pace since the last one.
 */
final class CheckpointTimes {
  private static final long NEVER = Long.MAX_VALUE;

  private final double seconds; // between checkpoints
  private final Collective ranks; // null where rank 0 does without the others
  private double lastSeconds;
  private long lastUpdate;
  private double nextSeconds = Double.POSITIVE_INFINITY;
  private long nextUpdate = NEVER;

  private CheckpointTimes(double seconds, Collective ranks) {
    this.seconds = seconds;
    this.ranks = ranks;
  }

  /**
   * Those of a run that begins or goes on.
   *
   * @param curve as far as it is
   */
  static CheckpointTimes of(Following following, Split split, Curve curve) {
    double seconds = following.checkpointSeconds();
    CheckpointTimes times = new CheckpointTimes(seconds, split.shards() ? split.ranks() : null);
    times.lastSeconds = curve.seconds();
    times.lastUpdate = curve.updates();
    if (seconds > 0 && split.shards()) {
      times.nextUpdate = curve.updates() + 1;
    } else if (seconds > 0 && split.rank() == 0) {
      times.nextSeconds = curve.seconds() + seconds;
    }
    return times;
  }

  /** Whether all ranks stop behind the update of this number. */
  boolean dueBehind(long update) {
    return update == nextUpdate;
  }

  /** Whether it is time for a checkpoint, or for this rank's part in one. */
  boolean due(Curve.Point point) {
    return dueBehind(point.update()) || point.seconds() >= nextSeconds;
  }

  /** There is one of this update; where all ranks stop, waits for them. */
  void taken(Curve.Point point) {
    if (ranks == null) {
      nextSeconds = point.seconds() + seconds;
      return;
    }
    double each = (point.seconds() - lastSeconds) / (point.update() - lastUpdate);
    long updates = (long) Math.max(1, Math.min(seconds / each, Integer.MAX_VALUE));
    byte[] mine = ByteBuffer.allocate(Long.BYTES).putLong(updates).array();
    lastSeconds = point.seconds();
    lastUpdate = point.update();
    nextUpdate = lastUpdate + ByteBuffer.wrap(ranks.allGather(mine).get(0)).getLong();
  }
}
