package dev.krongauss.kernel.operations;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Blas;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Random;
import java.util.WeakHashMap;
import java.util.stream.IntStream;

/**
 * How many rows a block has, if a library's products give a row the same bits among any other
 * blocks: 12 with OpenBLAS for AVX2, whose register tiles are 12 rows long, with other instructions
 * for what is left beside them.
 *
 * <p>Found by trial, on SoftCUDA: products of some blocks have to agree bit for bit with those of
 * many. None is found where several threads divide a product within a block. A GPU's library
 * chooses among kernels by shapes, of which a trial of some says nothing: none there.
 */
final class RowBlock {
  private static final int[] CANDIDATES = {4, 8, 12, 16, 24, 32, 48};

  /** Odd numbers of blocks: several threads divide them within one. */
  private static final int BLOCKS = 37;

  private static final int[] SOME = {1, 2, 3, 7};

  /**
   * Of a product: few and many columns, inner sizes within and beyond a cache's panel; and such
   * that all rows are much work and a block is little, for which a library may have other kernels.
   */
  private static final int[][] SHAPES = {
    {6, 26}, {75, 51}, {75, 401}, {75, 785}, {2, 785}, {6, 401}, {20, 151}
  };

  private static final Map<Device, Integer> FOUND =
      Collections.synchronizedMap(new WeakHashMap<>());

  private RowBlock() {}

  /** Rows of a block; 0 if none is found. The first call for a device waits. */
  static int of(Device device) {
    if (!device.isSoftware() || device.blas().isEmpty()) {
      return 0;
    }
    return FOUND.computeIfAbsent(device, RowBlock::find);
  }

  /** All that {@link #of} may give. */
  static int[] possible() {
    return IntStream.concat(IntStream.of(0), Arrays.stream(CANDIDATES)).toArray();
  }

  private static int find(Device device) {
    return Arrays.stream(CANDIDATES).filter(rows -> holds(device, rows)).findFirst().orElse(0);
  }

  private static boolean holds(Device device, int block) {
    for (int[] shape : SHAPES) {
      for (boolean transposed : new boolean[] {true, false}) {
        if (!holds(device, block, shape[0], shape[1], transposed)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean holds(
      Device device, int block, int columns, int inner, boolean transposed) {
    try (Arena arena = device.newArena("trial of a library")) {
      Stream s = device.stream();
      Blas blas = device.blas().orElseThrow();
      int rows = BLOCKS * block;
      Matrix A = random(arena.matrix(rows, inner, "A"), s);
      Matrix B =
          random(arena.matrix(transposed ? columns : inner, transposed ? inner : columns, "B"), s);
      Matrix whole = arena.matrix(rows, columns, "C");
      Matrix part = arena.matrix(rows, columns, "part of C");
      blas.gemm(s, false, A, transposed, B, 1, 0, whole);
      float[] wanted = whole.download(s);
      for (int blocks : SOME) {
        int count = blocks * block;
        for (int first : new int[] {0, block, 5 * block, rows - count}) {
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
    Random random = new Random(1);
    float[] values = new float[matrix.rows() * matrix.columns()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    matrix.upload(values, s);
    return matrix;
  }
}
