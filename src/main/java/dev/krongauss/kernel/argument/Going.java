package dev.krongauss.kernel.argument;

/**
 * Where the device says whether an iteration goes on: kernels leave at once, and calls of a library
 * multiply by 0, when it does not. Written by {@link dev.krongauss.kernel.Conjugate}.
 *
 * @param stop device address of an int, 0 while it goes on
 * @param state device address of doubles, {@link #STATE} of the iteration first
 */
public record Going(long stop, long state) {
  /** Doubles of an iteration at {@link #state}. */
  public static final int STATE = 6;

  private static final int GO = STATE;
  private static final int FLOATS = GO + 3;

  /** All doubles at {@link #state}. */
  public static final int SCALARS = GO + 5;

  /** The address of {@code going}'s int; 0 for null, which is in any case. */
  public static long stop(Going going) {
    return going == null ? 0 : going.stop;
  }

  /** Device address of a double: 1 while it goes on, 0 then. */
  public long go() {
    return state + 8L * GO;
  }

  /** Device address of a double: 0 while it goes on, 1 then. */
  public long keep() {
    return go() + 8;
  }

  /** Device address of a double, 1. */
  public long one() {
    return go() + 16;
  }

  /** Device address of a float: 1 while it goes on with a factor, else 0. */
  public long solves() {
    return state + 8L * FLOATS;
  }

  /** Device address of a float: 1 while it goes on with an inverse, else 0. */
  public long multiplies() {
    return solves() + 4;
  }

  /** Device address of a float, 1. */
  public long unit() {
    return solves() + 8;
  }
}
