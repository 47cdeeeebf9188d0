package dev.krongauss.model;

import dev.krongauss.device.Matrix;
import java.util.Map;

/**
 * A minibatch in device memory. It stays valid and unchanged while a step that was given it is
 * running.
 */
public interface Batch {
  /** Datapoints N. */
  int size();

  /**
   * Datapoints of the whole batch, of which this is one rank's part; by default it is the whole.
   * The same on all ranks.
   */
  default int wholeSize() {
    return size();
  }

  /** The row of the whole batch that is this one's first; 0 by default. */
  default int firstRow() {
    return 0;
  }

  /**
   * What the whole batch is: its data, the order and its place there, by name and without line
   * breaks, which ranks compare before their first update. Empty by default, for rows of which that
   * is not known.
   */
  default Map<String, String> origin() {
    return Map.of();
  }

  /**
   * Rows of a piece, if the passes are to give a row bits that depend on its place in its piece
   * alone, not on the other pieces, so that it does not matter which chunks a rank has; 0, the
   * default, if they need not. Such a batch is a number of pieces, each of them whole blocks of
   * {@link Model#rowBlock} rows, some of which may be there to fill them; where a block is one row,
   * it is any rows.
   */
  default int pieceRows() {
    return 0;
  }

  /** Inputs {@code [N][d_0 + 1]}; the last column is 1 (homogeneous coordinate). */
  Matrix inputs();

  /**
   * Targets {@code [N][m]}, m as the loss says ({@link LossFunction#targets}): mostly d_L. They may
   * share memory with the inputs (autoencoders).
   */
  Matrix targets();

  /**
   * Who brings the rows to {@link #inputs} and {@link #targets}, if they come by work of the device
   * that an update can begin with; asking for the matrices enqueues it where nobody has. Null, the
   * default, for rows that are there.
   */
  default BatchSource source() {
    return null;
  }

  /**
   * Checks that the loss can take these targets. The optimisers call this before each update, so it
   * must be cheap; a batch that knows its data on the host checks them once. The default does
   * nothing: a look into device memory would have to wait ({@link LossFunction#check} does).
   *
   * @throws IllegalArgumentException if a target does not fit, with its row, its value and the way
   *     out
   */
  default void checkTargets(LossFunction loss) {}
}
