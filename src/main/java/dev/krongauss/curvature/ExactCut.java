package dev.krongauss.curvature;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;

/**
 * How the batch of an {@link ExactSystem} is cut into chunks, of which other ranks may have some,
 * and how what each rank knows of its chunks becomes known to all.
 */
public interface ExactCut {
  /** Chunks C of the batch. */
  int chunks();

  /** This rank's first chunk. */
  int first();

  /** Chunks of this rank. */
  int own();

  /** Rows of the longest chunk. */
  int most();

  /** Makes the forward pass of this rank's k-th chunk the model's last one. */
  ExactSystem.Point forward(int k);

  /** The same, and the loss with its gradient. */
  ExactSystem.Point evaluate(int k);

  /**
   * Makes known to all ranks what each has written of its chunks.
   *
   * @param address of the first chunk's in device memory, those of all chunks one behind the other
   * @param bytes of a chunk, a multiple of 4
   */
  void share(long address, long bytes, Stream s);

  /** Memory for a matrix of each of this rank's chunks, whose sum over all chunks is wanted. */
  Leaves leaves(Arena arena, Matrix sum);

  /** Such matrices, of which the lower triangle counts. */
  interface Leaves {
    /** That of this rank's k-th chunk, to be written. */
    Matrix of(int k);

    /** Sums those of all ranks, in an order that does not depend on their number. */
    void sum(Stream s);
  }
}
