package dev.krongauss.model;

import dev.krongauss.device.Matrix;

/**
 * A minibatch in device memory. It stays valid and unchanged while a step that was given it is
 * running.
 */
public interface Batch {
  /** Datapoints N. */
  int size();

  /** Inputs {@code [N][d_0 + 1]}; the last column is 1 (homogeneous coordinate). */
  Matrix inputs();

  /** Targets {@code [N][d_L]}; may share memory with the inputs (autoencoders). */
  Matrix targets();
}
