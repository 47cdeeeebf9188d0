package dev.krongauss.testing;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.Batch;
import java.util.Arrays;

/**
 * A batch in device memory of its own, with rows padded as the project pads them or laid out as a
 * stranger might.
 */
public final class DeviceBatch implements Batch, AutoCloseable {
  private final Arena arena;
  private final Matrix inputs;
  private final Matrix targets;

  private DeviceBatch(Arena arena, Matrix inputs, Matrix targets) {
    this.arena = arena;
    this.inputs = inputs;
    this.targets = targets;
  }

  /**
   * A batch in the project's own layout.
   *
   * @param X [N][d_0], without the 1 column
   * @param T [N][d_L]
   */
  public static DeviceBatch of(Device device, double[][] X, double[][] T) {
    Arena arena = device.newArena("test batch");
    return new DeviceBatch(arena, padded(arena, device, homogeneous(X)), padded(arena, device, T));
  }

  /**
   * The same with odd strides, a base aligned to 4 bytes only, and NaN around and between the rows.
   */
  public static DeviceBatch foreign(Device device, double[][] X, double[][] T) {
    Arena arena = device.newArena("foreign test batch");
    return new DeviceBatch(
        arena, foreign(arena, device, homogeneous(X)), foreign(arena, device, T));
  }

  @Override
  public int size() {
    return inputs.rows();
  }

  @Override
  public Matrix inputs() {
    return inputs;
  }

  @Override
  public Matrix targets() {
    return targets;
  }

  @Override
  public void close() {
    arena.close();
  }

  /** Copies a matrix to the device in a foreign layout. */
  public static Matrix foreign(Arena arena, Device device, double[][] values) {
    int columns = values[0].length;
    int stride = columns + 1 | 1;
    float[] image = new float[1 + values.length * stride];
    Arrays.fill(image, Float.NaN);
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < columns; j++) {
        image[1 + i * stride + j] = (float) values[i][j];
      }
    }
    Buffer buffer = arena.floats(image.length, "foreign matrix");
    buffer.upload(image, device.stream());
    return Matrix.wrap(buffer.at(1), values.length, columns, stride);
  }

  private static Matrix padded(Arena arena, Device device, double[][] values) {
    Matrix matrix = arena.matrix(values.length, values[0].length, "test matrix");
    matrix.upload(compact(values), device.stream());
    return matrix;
  }

  /** Compact rows as floats. */
  public static float[] compact(double[][] values) {
    int columns = values[0].length;
    float[] compact = new float[values.length * columns];
    for (int i = 0; i < compact.length; i++) {
      compact[i] = (float) values[i / columns][i % columns];
    }
    return compact;
  }

  private static double[][] homogeneous(double[][] X) {
    double[][] padded = new double[X.length][];
    for (int n = 0; n < X.length; n++) {
      padded[n] = Arrays.copyOf(X[n], X[n].length + 1);
      padded[n][X[n].length] = 1;
    }
    return padded;
  }
}
