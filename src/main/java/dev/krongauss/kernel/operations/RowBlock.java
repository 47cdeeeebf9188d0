package dev.krongauss.kernel.operations;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Blas;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * How many rows a block has, if a library's products give a row the same bits among any other
 * blocks: 12 with OpenBLAS for AVX2, whose register tiles are 12 rows long, with other instructions
 * for what is left beside them.
 *
 * <p>Found by trial, on SoftCUDA: products of some blocks have to agree bit for bit with those of
 * many; if they do not, those that are no small ones. None is found where several threads divide a
 * product within a block. A GPU's library chooses among kernels by shapes, of which a trial of some
 * says nothing: none there.
 *
 * @param rows of a block; 0 if none is found
 * @param small multiplications of a product up to which the library may have other kernels: bits
 *     agree among products of more
 */
record RowBlock(int rows, long small) {
  private static final RowBlock NONE = new RowBlock(0, 0);
  private static final int[] CANDIDATES = {4, 8, 12, 16, 24, 32, 48};

  /** With AVX-512, OpenBLAS takes kernels for small matrices up to 100 x 100 x 100. */
  private static final long[] SMALL = {0, 1_000_000};

  /** Odd numbers of blocks: several threads divide them within one. */
  private static final int BLOCKS = 37;

  /** So that a thread's share of many is no small product, and of the least one may be. */
  private static final int MANY = 5;

  private static final int[] MORE = {0, 1, 2, 6};

  /** Of a product: few and many columns, inner sizes within and beyond a cache's panel. */
  private static final int[][] SHAPES = {
    {6, 26}, {75, 51}, {75, 401}, {75, 785}, {2, 785}, {6, 401}, {20, 151}
  };

  private static RowBlock found; // of the library of all software devices

  /** The first call waits. */
  static synchronized RowBlock of(Device device) {
    if (!device.isSoftware() || device.blas().isEmpty()) {
      return NONE;
    }
    if (found == null) {
      found = find(device);
    }
    return found;
  }

  /** All that {@link #rows} may be. */
  static int[] possible() {
    return IntStream.concat(IntStream.of(0), Arrays.stream(CANDIDATES)).toArray();
  }

  /** Whether the product of so many rows of A, to as many of C, is a small one. */
  boolean small(int rows, Matrix A, Matrix C) {
    return (long) rows * A.columns() * C.columns() <= small;
  }

  private static RowBlock find(Device device) {
    for (long small : SMALL) {
      for (int rows : CANDIDATES) {
        RowBlock block = new RowBlock(rows, small);
        if (block.holds(device)) {
          return block;
        }
      }
    }
    return NONE;
  }

  private boolean holds(Device device) {
    for (int[] shape : SHAPES) {
      for (boolean transposed : new boolean[] {true, false}) {
        if (!holds(device, shape[0], shape[1], transposed)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether the least product that is no small one, and some larger ones, agree with a larger. */
  private boolean holds(Device device, int columns, int inner, boolean transposed) {
    try (Arena arena = device.newArena("trial of a library")) {
      Stream s = device.stream();
      Blas blas = device.blas().orElseThrow();
      int least = Math.toIntExact(small / ((long) rows * columns * inner)) + 1;
      int all = (MANY * least + BLOCKS) / 2 * 2 + 1;
      Matrix A = random(arena.matrix(all * rows, inner, "A"), s);
      Matrix B =
          random(arena.matrix(transposed ? columns : inner, transposed ? inner : columns, "B"), s);
      Matrix whole = arena.matrix(A.rows(), columns, "C");
      Matrix part = arena.matrix(A.rows(), columns, "part of C");
      blas.gemm(s, false, A, transposed, B, 1, 0, whole);
      float[] wanted = whole.download(s);
      for (int more : MORE) {
        int count = (least + more) * rows;
        for (int first : new int[] {0, rows, 5 * rows, A.rows() - count}) {
          Matrix C = part.rows(0, count);
          blas.gemm(s, false, A.rows(first, count), transposed, B, 1, 0, C);
          int from = first * columns;
          if (!Arrays.equals(
              C.download(s), 0, count * columns, wanted, from, from + count * columns)) {
            return false;
          }
        }
      }
      return true;
    }
  }

  private static Matrix random(Matrix matrix, Stream s) {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[matrix.rows() * matrix.columns()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt() * 0x1p-31f;
    }
    matrix.upload(values, s);
    return matrix;
  }
}
