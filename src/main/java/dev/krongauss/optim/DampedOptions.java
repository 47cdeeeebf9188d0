package dev.krongauss.optim;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.kernel.operations.Operations;

/** Settings that all second-order optimisers have; each brings its own defaults. */
abstract class DampedOptions implements Cloneable {
  /** Null for the rule's default. */
  Float lambda;

  /** Null for the rule's default. */
  Float leastLambda;

  float l2;
  int mostRejected = 50;
  long budgetBytes;
  Operations.Mode mode;

  /** Null for the default. */
  Integer chunks;

  /** Null for one alone. */
  CutRanks ranks;

  /** How batches are cut. */
  Chunks split() {
    return Chunks.of(chunks, ranks);
  }

  Operations operations(Device device) {
    return mode == null ? Operations.of(device) : new Operations(device, mode);
  }

  /** Fails where one of these does not fit; λ and its floor are known by now. */
  void checkDamping(String leastExample) {
    positive(lambda, "lambda", "1e-3");
    positive(leastLambda, "leastLambda", leastExample);
    leastLambda = Math.min(leastLambda, lambda); // a start below the default floor is its own floor
    Check.that(
        l2 >= 0 && Float.isFinite(l2), "L2 weight %s must be at least 0, for example 1e-5", l2);
    Check.that(mostRejected >= 0, "%d tolerated rejections must be at least 0", mostRejected);
  }

  DampedOptions copy() {
    try {
      return (DampedOptions) clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  private static void positive(float value, String name, String example) {
    Check.that(
        value > 0 && Float.isFinite(value),
        "%s %s must be positive and finite, for example %s",
        name,
        value,
        example);
  }
}
