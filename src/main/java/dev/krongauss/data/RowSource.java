package dev.krongauss.data;

import java.nio.FloatBuffer;

/**
 * Rows of inputs and targets that are read one by one, wherever they lie: for data sets that a Java
 * array, the heap or the device has no room for, such as a memory-mapped file. {@link
 * Batches#streamed} reads the rows of a batch while the device works on the one before.
 *
 * <p>The same row must always have the same numbers. Where several {@code Batches} read one source,
 * they do so from a thread each, at the same time.
 */
public interface RowSource {
  /** For messages, and for checkpoints, which are of one source. */
  String name();

  /** Number of rows, at least 1. */
  int size();

  /** Values an input row, without the homogeneous 1; at least 1. */
  int inputWidth();

  /** Values a target row; that of the inputs for an autoencoder. */
  int targetWidth();

  /** Whether the targets are the inputs themselves, which are then all that is read. */
  default boolean isAutoencoder() {
    return false;
  }

  /**
   * Puts a row's numbers into buffers, as many as each has left; both have more room nowhere else.
   *
   * @param row from 0
   * @param inputs {@code [inputWidth]}, at its start, in pinned memory
   * @param targets {@code [targetWidth]}; of an autoencoder without room
   * @throws Exception any: it is the cause of the {@link RowException} that the caller of {@link
   *     Batches#next} gets
   */
  void read(int row, FloatBuffer inputs, FloatBuffer targets) throws Exception;
}
