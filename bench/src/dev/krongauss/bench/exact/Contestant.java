package dev.krongauss.bench.exact;

import java.io.IOException;

/** Somebody who trains the problem by Levenberg-Marquardt updates. */
interface Contestant extends AutoCloseable {
  /** In the table. */
  String name();

  /**
   * Begins anew.
   *
   * @param weights W_l [d_l][d_{l-1} + 1] row by row, the bias last in each
   */
  void start(float[][] weights) throws IOException;

  /**
   * Makes updates, however often each tries a damping.
   *
   * @return seconds
   */
  double update(int updates) throws IOException;

  /** The weights as they are, shaped as in {@link #start}. */
  double[][] weights() throws IOException;

  /** The gradient of the mean loss at the present weights, all in one, ordered as these. */
  double[] gradient() throws IOException;

  /** Bytes of its arrays, the data's apart; 0 where nobody counts them. */
  long bytes() throws IOException;

  /** Ends it and what it started. */
  @Override
  void close();
}
