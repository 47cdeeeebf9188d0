package dev.krongauss.bench.compare;

import dev.krongauss.bench.page.Curve;
import java.util.function.Consumer;

/** What is done about the updates of a run. */
interface Follower {
  /** Told of each update in its turn; the next one may be running, so that this is on the clock. */
  void point(Curve.Point point);

  /** Whether {@link #look} is wanted behind the update of this number, whenever that is. */
  default boolean looksBehind(long update) {
    return false;
  }

  /** Whether it is time for {@link #look}: behind this update, or behind the one that runs. */
  default boolean due(Curve.Point point) {
    return false;
  }

  /** Looks at the network behind this update: nothing runs, and the clock stands still. */
  default void look(Curve.Point point) {}

  /** Asked before each update that is launched with nothing running. */
  default boolean goOn() {
    return true;
  }

  /** Nothing but {@link #point}. */
  static Follower of(Consumer<Curve.Point> observer) {
    return observer::accept;
  }
}
