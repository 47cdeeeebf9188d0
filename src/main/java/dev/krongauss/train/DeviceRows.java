package dev.krongauss.train;

import dev.krongauss.data.Dataset;
import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.StagedRows;
import dev.krongauss.device.Stream;

/**
 * All rows of a data set for the device, in order and in chunks of equal size, the last one
 * shorter. They stay there if they fit a budget; else each pass over them copies them anew, one
 * chunk at a time.
 */
final class DeviceRows implements AutoCloseable {
  /** Told of each chunk, in order. */
  @FunctionalInterface
  interface Visitor {
    /**
     * @param first number of its first row
     * @param inputs {@code [n][d_0 + 1]}, the last column 1
     * @param targets {@code [n][m]}
     */
    void chunk(int first, Matrix inputs, Matrix targets);
  }

  private final Device device;
  private final Dataset data;
  private final int chunk;
  private final boolean resident;
  private final Arena arena;
  private final Matrix inputs;
  private final Matrix targets;
  private StagedRows inputRows;
  private StagedRows targetRows;

  /**
   * @param chunk rows at once
   * @param budget bytes of device memory that the rows may take
   */
  DeviceRows(Device device, Dataset data, int chunk, long budget) {
    this.device = device;
    this.data = data;
    this.chunk = chunk;
    this.resident = bytes(data) <= budget;
    this.arena = device.newArena("rows to evaluate");
    int rows = resident ? data.size() : chunk;
    this.inputs = arena.matrix(rows, data.inputWidth() + 1, "inputs");
    this.targets =
        data.isAutoencoder()
            ? inputs.columns(data.inputWidth())
            : arena.matrix(rows, data.targetWidth(), "targets");
    this.inputRows =
        new StagedRows(device, data.inputs(), data.inputWidth(), inputs.rows(0, chunk));
    this.targetRows =
        data.isAutoencoder()
            ? null
            : new StagedRows(device, data.targets(), data.targetWidth(), targets.rows(0, chunk));
    if (resident) {
      for (int first = 0; first < data.size(); first += chunk) {
        send(first, first, count(first), device.stream());
      }
      closeUploads();
    }
  }

  /** What all rows take on the device. */
  static long bytes(Dataset data) {
    long floats = Matrix.paddedStride(data.inputWidth() + 1);
    if (!data.isAutoencoder()) {
      floats += Matrix.paddedStride(data.targetWidth());
    }
    return Float.BYTES * floats * data.size();
  }

  /** Whether the rows stay on the device. */
  boolean resident() {
    return resident;
  }

  /** A pass over all rows; copies are enqueued on the stream, as the visitor's work has to be. */
  void forEach(Stream stream, Visitor visitor) {
    for (int first = 0; first < data.size(); first += chunk) {
      int count = count(first);
      int place = resident ? first : 0;
      if (!resident) {
        send(first, place, count, stream);
      }
      visitor.chunk(first, inputs.rows(place, count), targets.rows(place, count));
    }
  }

  private int count(int first) {
    return Math.min(chunk, data.size() - first);
  }

  private void send(int first, int place, int count, Stream stream) {
    inputRows.send(first, inputs.rows(place, count), stream);
    if (targetRows != null) {
      targetRows.send(first, targets.rows(place, count), stream);
    }
  }

  private void closeUploads() {
    if (inputRows != null) {
      inputRows.close();
      inputRows = null;
    }
    if (targetRows != null) {
      targetRows.close();
      targetRows = null;
    }
  }

  @Override
  public void close() {
    closeUploads();
    arena.close();
  }
}
